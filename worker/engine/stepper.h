// Optimizers of pictures. They see one image and one gradient at a time, wait
// for nothing and read nothing back from the device.
#ifndef ATELIER_WORKER_ENGINE_STEPPER_H_
#define ATELIER_WORKER_ENGINE_STEPPER_H_

#include <ATen/core/Tensor.h>

#include <memory>

#include "common/render/params.h"

namespace atelier::engine {

/// Thread-compatible. May throw what Torch throws.
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// The next image to evaluate. Images of a batch do not see each other.
  /// Shapes: image and gradient [n, ...], loss [n], the same on every call.
  /// REQUIRES: `image` is what the last Step returned, `loss` and `gradient`
  ///           those there.
  virtual at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                          const at::Tensor& gradient) = 0;
};

/// As `params` says: optimizer, learning rate, history.
std::unique_ptr<Stepper> MakeStepper(const RenderParams& params);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STEPPER_H_
