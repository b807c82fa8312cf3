// Losses that look at the features of a layer themselves, at places or along
// directions drawn from a seed.
#ifndef ATELIER_WORKER_ENGINE_FEATURE_LOSS_H_
#define ATELIER_WORKER_ENGINE_FEATURE_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "worker/engine/term.h"

namespace atelier::engine {

/// One layer's loss. Images of a batch do not see each other. Thread-safe. May
/// throw what Torch throws.
class FeatureLoss {
 public:
  virtual ~FeatureLoss() = default;

  /// Draws what images with `positions` are compared by. Equal arguments draw
  /// the same on every machine.
  /// Shapes: style [c, m].
  virtual std::vector<at::Tensor> Draw(const at::Tensor& style,
                                       int64_t positions,
                                       uint64_t seed) const = 0;
  /// Shapes: features [n, c, positions]; the gradient, of the same, is of this
  ///         call alone and may be changed in place.
  virtual LossAndGradient Evaluate(const at::Tensor& features,
                                   const std::vector<at::Tensor>& drawn,
                                   bool with_gradient) const = 0;

  /// What Draw returns takes about, for features of so many bytes an image.
  virtual int64_t DrawnBytes(int64_t feature_bytes) const = 0;
  /// What Evaluate takes of one image at most, besides its gradient.
  virtual int64_t WorkBytes(int64_t feature_bytes) const = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_FEATURE_LOSS_H_
