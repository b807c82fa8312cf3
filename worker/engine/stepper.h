// Optimizers of pictures. They see images and gradients as they come, wait for
// nothing and read nothing back from the device.
#ifndef ATELIER_WORKER_ENGINE_STEPPER_H_
#define ATELIER_WORKER_ENGINE_STEPPER_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/render/params.h"

namespace atelier::engine {

/// What a Restart multiplies the length of an image's steps by.
inline constexpr double kShorterSteps = 0.1;

/// A part of what an optimizer remembers. The first dimension is the image.
struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// Thread-compatible. May throw what Torch throws.
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// The next image to evaluate. Images of a batch do not see each other.
  /// Shapes: image and gradient [n, ...], loss [n], the same on every call.
  /// REQUIRES: `image` is what the last Step returned, unless the images that
  ///           differ were restarted; `loss` and `gradient` are those there.
  virtual at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                          const at::Tensor& gradient) = 0;

  /// Forgets all that was learned of the images where `which` holds, and
  /// shortens their steps for good.
  /// Shapes: which [n], bool, on the images' device.
  /// REQUIRES: a Step before.
  virtual void Restart(const at::Tensor& which) = 0;

  /// Forgets all but how long steps are; images may be of another size next.
  virtual void Forget() = 0;

  /// All that the next steps depend on, besides the options. Empty before the
  /// first Step.
  /// Lifetime: the values change with the next call.
  virtual std::vector<NamedTensor> State() const = 0;

  /// Goes on from a State of the same options, or from some of its rows, with
  /// `image` the next to step from. Takes the tensors over.
  /// Errors: FailedPrecondition for what cannot be the state of a stepper of
  ///         such images: names the part, what it is and what it has to be.
  virtual absl::Status SetState(std::vector<NamedTensor> state,
                                const at::Tensor& image) = 0;
};

/// As `params` says: optimizer, learning rate, history. L-BFGS is as published
/// at one scale (Lbfgs) and scales bands over several (BandLbfgs); off the CPU
/// both are by their experimental form (MakeBlockLbfgs).
std::unique_ptr<Stepper> MakeStepper(const RenderParams& params,
                                     at::Device device);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STEPPER_H_
