// Losses that know a layer's features by their first two moments.
#ifndef ATELIER_WORKER_ENGINE_MOMENT_LOSS_H_
#define ATELIER_WORKER_ENGINE_MOMENT_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace atelier::engine {

/// Of features F, with weights w of pixels (of 1, where there is no mask).
struct Moments {
  at::Tensor second;     ///< [n, c, c]: sum of w F Fᵀ, over a divisor.
  at::Tensor mean = {};  ///< [n, c]: sum of w F over sum of w. Undefined where
                         ///< the loss does not read it.
  double pixels = 0;     ///< Sum of w.
};

/// Values [n], and the gradient with respect to the moments, its part at
/// `second` symmetric; undefined where none was asked for.
struct MomentLossValue {
  at::Tensor value;
  Moments gradient = {};
};

/// One layer's loss. Images of a batch do not see each other. Thread-safe. May
/// throw what Torch throws.
class MomentLoss {
 public:
  virtual ~MomentLoss() = default;

  virtual bool ReadsMeans() const { return true; }
  /// What sums of products over `pixels` are divided by.
  virtual double Divisor(int64_t /*channels*/, double pixels) const {
    return pixels;
  }
  /// What is kept of a style, always as many tensors.
  virtual std::vector<at::Tensor> TargetOf(const Moments& style) const = 0;
  /// REQUIRES: `target` is from TargetOf, of a style of one image.
  virtual MomentLossValue Evaluate(const Moments& image,
                                   const std::vector<at::Tensor>& target,
                                   bool with_gradient) const = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_MOMENT_LOSS_H_
