// One 3x3 convolution in oneDNN's layouts, in stripes of rows where it is
// large: by Winograd where that is faster, and else by oneDNN.
//
// A convolution between equal shapes wants both in memory. Cut into stripes
// that are copied out with their borders, the output may replace the input.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "worker/engine/winograd.h"

namespace atelier::engine {

/// Whether oneDNN may use this instruction set on this processor.
bool Supports(dnnl::cpu_isa instructions);

/// Floats in one block of channels: the vector width of this processor.
int ChannelBlock();

/// float32 [n, channels, h, w], channels in blocks of ChannelBlock() innermost.
dnnl::memory::desc BlockedDesc(const dnnl::memory::dims& dims);
/// The same, rows after rows.
dnnl::memory::desc PlainDesc(const dnnl::memory::dims& dims);

struct ConvolutionShape {
  int64_t images = 1;
  int in_channels = 0;
  int out_channels = 0;
  int64_t height = 0;  ///< Of the input.
  int64_t width = 0;
  /// Rows and columns of zeros on every side, 0 to 2: the output is larger than
  /// the input by twice this less two.
  int padding = 1;
  bool plain_input = false;  ///< The picture itself: not blocked.
  bool bias = false;
  bool relu = false;  ///< After the bias.
  /// Beyond these bytes of workspace that grows with the picture, or of an
  /// output that can replace the input, rows are cut into stripes.
  int64_t stripe_bytes = int64_t{64} << 20;
};

/// Thread-compatible. May throw dnnl::error.
class OnednnConvolution {
 public:
  OnednnConvolution(const dnnl::engine& engine, const ConvolutionShape& shape);

  const dnnl::memory::desc& input() const { return input_; }
  const dnnl::memory::desc& output() const { return output_; }
  /// The layout that it wants its kernel [out, in, 3, 3] in.
  const dnnl::memory::desc& kernel() const { return call_.kernel; }
  int64_t workspace_bytes() const { return workspace_bytes_; }
  /// Whether the output may be where the input is.
  bool in_place() const { return in_place_; }

  struct Operands {
    float* input = nullptr;
    float* output = nullptr;
    float* kernel = nullptr;
    float* bias = nullptr;  ///< [out]; unused without a bias.
    char* workspace = nullptr;
  };
  void Run(dnnl::stream& stream, const Operands& operands) const;

 private:
  // What one call of the primitive sees: all of it, or one stripe.
  struct Call {
    dnnl::memory::desc input;
    dnnl::memory::desc output;
    dnnl::memory::desc kernel;
    std::optional<WinogradConvolution> winograd;
    dnnl::convolution_forward::primitive_desc direct;  // Where that is not.
    int64_t workspace_bytes = 0;
    int64_t fixed_bytes = 0;  // Of these, what stripes would not save.
  };

  Call MakeCall(int64_t images, int64_t height, int64_t width,
                const dnnl::memory::dims& padding) const;
  void MakeWinograd(const dnnl::memory::dims& padding, Call& call) const;
  void MakeDirect(const dnnl::memory::dims& padding, Call& call) const;
  Call MakeStripe(int64_t rows) const;
  void CutIntoStripes();
  void Execute(dnnl::stream& stream, const Operands& operands) const;
  void FillStripe(const float* image, int64_t first_row, float* stripe,
                  float* halo) const;
  void StoreStripe(const float* stripe, int64_t first_row, float* image) const;

  dnnl::engine engine_;
  ConvolutionShape shape_;
  dnnl::memory::desc input_;
  dnnl::memory::desc output_;
  dnnl::memory::desc bias_;
  Call call_;
  dnnl::primitive primitive_;
  int64_t stripe_rows_ = 0;  // Of output; 0 when it is one call.
  bool in_place_ = false;
  int64_t workspace_bytes_ = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_CONVOLUTION_H_
