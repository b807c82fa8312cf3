// From RGB [0,1] to what a convention gives its network, and back for
// gradients.
#ifndef ATELIER_WORKER_ENGINE_PREPROCESS_H_
#define ATELIER_WORKER_ENGINE_PREPROCESS_H_

#include <ATen/core/Tensor.h>

#include "common/render/convention.h"

namespace atelier::engine {

/// Thread-safe once made. May throw what Torch throws.
class Preprocessor {
 public:
  Preprocessor(const Preprocessing& how, at::Device device);

  /// [n, 3, h, w] to the same shape, in the network's channel order.
  at::Tensor Forward(const at::Tensor& rgb) const;

  /// The gradient at Forward's result to the gradient at `rgb` (chain rule).
  at::Tensor Backward(const at::Tensor& gradient) const;

 private:
  const bool bgr_;
  at::Tensor factor_;  // [1, 3, 1, 1]: scale over deviation.
  at::Tensor offset_;  // [1, 3, 1, 1]: minus mean over deviation.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_PREPROCESS_H_
