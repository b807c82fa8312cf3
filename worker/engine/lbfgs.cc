#include "worker/engine/lbfgs.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

namespace atelier::engine {
namespace {

// Below this a pair says nothing of the curvature but rounding.
constexpr double kLeastCurvature = 1e-10;

// Per image: [n, values] and the same to [n, 1].
at::Tensor Dot(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum(1, /*keepdim=*/true);
}

}  // namespace

at::Tensor Lbfgs::Step(const at::Tensor& image, const at::Tensor& gradient) {
  const at::Tensor flat = gradient.flatten(1);
  if (!last_gradient_.defined()) {
    const at::Tensor length = flat.abs().sum(1, /*keepdim=*/true);
    last_step_ =
        flat * length.reciprocal().clamp_max(1.0).mul_(-options_.learning_rate);
    curvature_ = at::ones_like(length);
  } else {
    Remember(flat - last_gradient_);
    last_step_ = Direction(flat).mul_(options_.learning_rate);
  }
  last_gradient_ = flat;
  return image + last_step_.view_as(image);
}

void Lbfgs::Remember(const at::Tensor& change) {
  const at::Tensor curvature = Dot(last_step_, change);
  const at::Tensor accepted = curvature > kLeastCurvature;
  const at::Tensor zero = at::zeros_like(curvature);
  pairs_.push_back(
      {last_step_, change, at::where(accepted, curvature.reciprocal(), zero)});
  curvature_ = at::where(accepted, curvature / Dot(change, change), curvature_);
  if (static_cast<int>(pairs_.size()) > options_.history) pairs_.pop_front();
}

at::Tensor Lbfgs::Direction(const at::Tensor& gradient) const {
  at::Tensor direction = -gradient;
  std::vector<at::Tensor> along(pairs_.size());
  for (size_t i = pairs_.size(); i-- > 0;) {
    along[i] = Dot(pairs_[i].step, direction).mul_(pairs_[i].inverse);
    direction.addcmul_(pairs_[i].change, along[i], -1);
  }
  direction.mul_(curvature_);
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const at::Tensor across =
        Dot(pairs_[i].change, direction).mul_(pairs_[i].inverse);
    direction.addcmul_(pairs_[i].step, along[i] - across);
  }
  return direction;
}

}  // namespace atelier::engine
