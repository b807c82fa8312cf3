#include "worker/engine/curvature_pairs.h"

#include <ATen/ATen.h>

#include "worker/engine/row_products.h"

namespace atelier::engine {
namespace {

// Below this cosine between step and change of gradient, float32 knows nothing
// of the curvature but rounding.
constexpr double kLeastCosine = 1e-6;

}  // namespace

void ZeroRows(const at::Tensor& rows, const at::Tensor& which) {
  // Rare; but only a CPU can be asked without a wait.
  if (which.is_cpu() && !which.any().item<bool>()) return;
  rows.masked_fill_(which, 0);
}

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
  ZeroRows(step, refused);
  ZeroRows(change, refused);
  learned.pair = {step, change,
                  curvature.reciprocal().masked_fill_(refused, 0)};
  return learned;
}

}  // namespace atelier::engine
