#include "worker/engine/lbfgs.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

namespace atelier::engine {
namespace {

// Below this cosine between step and change of gradient, float32 knows nothing
// of the curvature but rounding.
constexpr double kLeastCosine = 1e-6;
constexpr double kShortening = 0.5;

// Per image: [n, values] and the same to [n, 1].
at::Tensor Dot(const at::Tensor& a, const at::Tensor& b) {
  return (a * b).sum(1, /*keepdim=*/true);
}

at::Tensor ZeroUnless(const at::Tensor& mask, const at::Tensor& values) {
  return at::where(mask, values, at::zeros({}, values.options()));
}

}  // namespace

at::Tensor Lbfgs::Step(const at::Tensor& image, const at::Tensor& loss,
                       const at::Tensor& gradient) {
  const Point seen{image.flatten(1), loss.view({-1, 1}), gradient.flatten(1)};
  at::Tensor step;
  if (!kept_.values.defined()) {
    kept_ = seen;
    curvature_ = at::ones_like(seen.loss);
    length_ = at::ones_like(seen.loss);
    const at::Tensor norm = seen.gradient.abs().sum(1, /*keepdim=*/true);
    step = seen.gradient * norm.reciprocal().clamp_max(1.0).neg_();
  } else {
    const at::Tensor learned = Remember(seen);
    KeepBetter(seen, learned);
    step = Direction().mul_(length_);
  }
  const double most = options_.learning_rate;
  step.mul_(options_.learning_rate).clamp_(-most, most);
  return (kept_.values + step).view_as(image);
}

at::Tensor Lbfgs::Remember(const Point& seen) {
  const at::Tensor step = seen.values - kept_.values;
  const at::Tensor change = seen.gradient - kept_.gradient;
  const at::Tensor curvature = Dot(step, change);
  const at::Tensor change_squared = Dot(change, change);
  const at::Tensor accepted =
      curvature >
      (Dot(step, step).sqrt() * change_squared.sqrt()).mul_(kLeastCosine);
  pairs_.push_back({ZeroUnless(accepted, step), ZeroUnless(accepted, change),
                    ZeroUnless(accepted, curvature.reciprocal())});
  curvature_ = at::where(accepted, curvature / change_squared, curvature_);
  if (static_cast<int>(pairs_.size()) > options_.history) pairs_.pop_front();
  return accepted;
}

void Lbfgs::KeepBetter(const Point& seen, const at::Tensor& learned) {
  const at::Tensor better = seen.loss <= kept_.loss;
  kept_.values = at::where(better, seen.values, kept_.values);
  kept_.loss = at::where(better, seen.loss, kept_.loss);
  kept_.gradient = at::where(better, seen.gradient, kept_.gradient);
  // A curvature learned makes the next direction another, and shorter where it
  // was too long; without one it would lead to the same point again.
  length_ = at::where(learned, length_, length_ * kShortening);
  length_ = at::where(better, at::ones_like(length_), length_);
}

at::Tensor Lbfgs::Direction() const {
  at::Tensor direction = -kept_.gradient;
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
