#include "worker/engine/wasserstein_loss.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

// Added to the diagonals of covariances.
constexpr double kRidge = 1e-4;
// Of the largest second moment: what its sum in float32 is off by. Where there
// are fewer positions than channels, the covariance has nothing else in some
// directions, and its root's inverse must not make it large.
constexpr double kRounding = 1e-6;

at::Tensor Identity(const at::Tensor& like) {
  return at::eye(like.size(-1), like.options());
}

// Shapes: [n, c, c], in doubles.
at::Tensor Covariance(const at::Tensor& second, const at::Tensor& mean) {
  const at::Tensor square = mean.unsqueeze(2) * mean.unsqueeze(1);
  return second - square + Identity(second) * kRidge;
}

// [n, 1, 1] for moments of this type: none in doubles.
at::Tensor RoundingOf(const at::Tensor& second) {
  const double share = second.scalar_type() == at::kDouble ? 0 : kRounding;
  const at::Tensor largest =
      at::amax(at::diagonal(second, 0, 1, 2), {1}).to(at::kDouble);
  return at::clamp_min(largest, 0).mul_(share).view({-1, 1, 1});
}

at::Tensor Trace(const at::Tensor& matrices) {
  return at::diagonal(matrices, 0, 1, 2).sum(1);
}

// Eigenvalues [n, c], at least `least`, and vectors. What is not finite is
// taken for the identity: no solver ends on it.
struct Eigen {
  at::Tensor values;
  at::Tensor vectors;
};
Eigen EigenOf(const at::Tensor& matrices, double least) {
  const at::Tensor finite =
      at::isfinite(matrices).all(2).all(1).view({-1, 1, 1});
  const at::Tensor symmetric = (matrices + matrices.transpose(1, 2)).mul_(0.5);
  const auto [values, vectors] =
      at::linalg_eigh(at::where(finite, symmetric, Identity(matrices)));
  return {at::clamp_min(values, least), vectors};
}

// Q f(L) Qᵀ.
at::Tensor Rebuilt(const at::Tensor& values, const at::Tensor& vectors) {
  return at::bmm(vectors * values.unsqueeze(1), vectors.transpose(1, 2));
}

class WassersteinLoss : public MomentLoss {
 public:
  // The mean, the covariance's root and its trace.
  std::vector<at::Tensor> TargetOf(const Moments& style) const override {
    const at::Tensor mean = style.mean.to(at::kDouble);
    const at::Tensor covariance =
        Covariance(style.second.to(at::kDouble), mean);
    const Eigen eigen = EigenOf(covariance, kRidge);
    return {mean, Rebuilt(eigen.values.sqrt(), eigen.vectors),
            Trace(covariance)};
  }

  MomentLossValue Evaluate(const Moments& image,
                           const std::vector<at::Tensor>& target,
                           bool with_gradient) const override {
    const at::Tensor mean = image.mean.to(at::kDouble);
    at::Tensor covariance = Covariance(image.second.to(at::kDouble), mean);
    covariance += Identity(covariance) * RoundingOf(image.second);
    const at::Tensor root = target[1].expand_as(covariance);
    const Eigen eigen =
        EigenOf(at::bmm(root, at::bmm(covariance, root)), kRidge * kRidge);
    const at::Tensor roots = eigen.values.sqrt();
    const at::Tensor of_mean = mean - target[0];

    const auto channels = static_cast<double>(mean.size(1));
    const auto type = image.second.scalar_type();
    MomentLossValue loss;
    loss.value = ((of_mean.square().sum(1) + Trace(covariance) + target[2] -
                   roots.sum(1) * 2) /
                  channels)
                     .to(type);
    if (!with_gradient) return loss;
    const at::Tensor transport = at::bmm(
        root, at::bmm(Rebuilt(roots.reciprocal(), eigen.vectors), root));
    const at::Tensor at_covariance =
        (Identity(covariance) - transport) / channels;
    loss.gradient.second = at_covariance.to(type);
    loss.gradient.mean =
        ((of_mean / channels -
          at::bmm(at_covariance, mean.unsqueeze(2)).squeeze(2)) *
         2)
            .to(type);
    return loss;
  }
};

}  // namespace

std::unique_ptr<MomentLoss> MakeWassersteinLoss() {
  return std::make_unique<WassersteinLoss>();
}

}  // namespace atelier::engine
