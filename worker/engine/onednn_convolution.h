// One 3x3 convolution in oneDNN, both ways.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_

#include <ATen/core/Tensor.h>

#include <oneapi/dnnl/dnnl.hpp>

namespace atelier::engine {

/// Whether oneDNN may use this instruction set on this processor.
bool Supports(dnnl::cpu_isa instructions);

/// Floats in one block of channels: the vector width of this processor.
int ChannelBlock();

/// float32 [n, channels, h, w], channels in blocks of ChannelBlock() innermost.
dnnl::memory::desc BlockedDesc(const dnnl::memory::dims& dims);
/// The same, rows after rows.
dnnl::memory::desc PlainDesc(const dnnl::memory::dims& dims);

/// Memory for `desc` from Torch's allocator, whose errors give the bytes.
at::Tensor BufferFor(const dnnl::memory::desc& desc);

struct ConvolutionShape {
  int64_t images = 1;
  int in_channels = 0;
  int out_channels = 0;
  int64_t height = 0;  ///< Of the output.
  int64_t width = 0;
  bool zero_padded = true;   ///< Else the input is larger by a pixel all round.
  bool plain_input = false;  ///< The picture itself: not blocked.
  bool relu = false;         ///< Fused into Forward.
};

/// Thread-compatible. May throw dnnl::error and what Torch throws.
class OnednnConvolution {
 public:
  /// Copies kernel [out][in][3][3] and bias [out].
  OnednnConvolution(const dnnl::engine& engine, const ConvolutionShape& shape,
                    const float* kernel, const float* bias);

  const dnnl::memory::desc& input() const { return input_; }
  const dnnl::memory::desc& output() const { return output_; }
  /// Blocked, also where the input is plain.
  const dnnl::memory::desc& input_gradient() const { return input_gradient_; }
  size_t scratch_bytes() const { return scratch_bytes_; }

  void Forward(dnnl::stream& stream, float* input, float* output,
               float* scratch) const;
  void Backward(dnnl::stream& stream, float* output_gradient,
                float* input_gradient, float* scratch) const;

 private:
  struct Direction {
    dnnl::primitive primitive;
    dnnl::memory::desc weights_desc;
    dnnl::memory::desc scratch_desc;
    at::Tensor weights;
  };

  void MakeForward(const ConvolutionShape& shape);
  void MakeBackward(const ConvolutionShape& shape);
  void Load(Direction& direction, const float* kernel);

  dnnl::engine engine_;
  dnnl::memory::desc input_;
  dnnl::memory::desc output_;
  dnnl::memory::desc input_gradient_;
  dnnl::memory::desc kernel_desc_;  // As given.
  dnnl::memory::desc bias_desc_;
  at::Tensor bias_;
  Direction forward_;
  Direction backward_;
  size_t scratch_bytes_ = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_
