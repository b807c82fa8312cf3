// A layer's kernel in the layouts that oneDNN wants it in.
#ifndef ATELIER_WORKER_ENGINE_LAYER_KERNEL_H_
#define ATELIER_WORKER_ENGINE_LAYER_KERNEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>

#include "worker/engine/network.h"

namespace atelier::engine {

/// Thread-compatible. May throw dnnl::error and what Torch throws.
class LayerKernel {
 public:
  /// Copies the numbers.
  explicit LayerKernel(const ConvolutionView& from);

  /// Converts to these layouts and forgets others. Forward is [out, in, 3, 3];
  /// backward is the kernel of the convolution that pulls gradients back:
  /// [in, out, 3, 3], each 3x3 turned by half a turn.
  void Use(const dnnl::engine& engine, const dnnl::memory::desc& forward,
           const dnnl::memory::desc& backward);

  float* forward() const { return forward_.values.data_ptr<float>(); }
  float* backward() const { return backward_.values.data_ptr<float>(); }
  float* bias() const { return bias_.data_ptr<float>(); }

 private:
  struct Form {
    dnnl::memory::desc layout;
    at::Tensor values;
  };
  at::Tensor Plain(const dnnl::engine& engine) const;

  int64_t in_channels_;
  int64_t out_channels_;
  at::Tensor plain_;  // [out, in, 3, 3], until Use.
  at::Tensor bias_;
  Form forward_;
  Form backward_;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LAYER_KERNEL_H_
