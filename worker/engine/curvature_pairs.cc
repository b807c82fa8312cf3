#include "worker/engine/curvature_pairs.h"

#include <ATen/ATen.h>

#include "worker/engine/row_products.h"

namespace atelier::engine {
namespace {

// Below this cosine between step and change of gradient, float32 knows nothing
// of the curvature but rounding.
constexpr double kLeastCosine = 1e-6;

}  // namespace

LearnedPair AcceptOrRefuse(const at::Tensor& step, const at::Tensor& change,
                           const at::Tensor& curvature) {
  LearnedPair learned;
  learned.curvature = curvature;
  learned.change_squared = Dot(change, change);
  const at::Tensor lengths =
      Dot(step, step).mul_(learned.change_squared).sqrt_();
  // NaN is never accepted.
  learned.accepted = curvature > lengths * kLeastCosine;
  const at::Tensor refused = learned.accepted.logical_not();
  step.masked_fill_(refused, 0);
  change.masked_fill_(refused, 0);
  learned.pair = {step, change,
                  curvature.reciprocal().masked_fill_(refused, 0)};
  return learned;
}

}  // namespace atelier::engine
