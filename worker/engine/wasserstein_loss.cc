#include "worker/engine/wasserstein_loss.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

// Added to the diagonals of covariances.
constexpr double kRidge = 1e-4;
// Of the largest second moment: what sums in float32 are off by.
constexpr double kRounding = 1e-6;

at::Tensor Identity(const at::Tensor& like) {
  return at::eye(like.size(-1), like.options());
}

// Shapes: [n, c, c], in doubles.
at::Tensor Covariance(const at::Tensor& second, const at::Tensor& mean) {
  const at::Tensor square = mean.unsqueeze(2) * mean.unsqueeze(1);
  return second - square + Identity(second) * kRidge;
}

at::Tensor Trace(const at::Tensor& matrices) {
  return at::diagonal(matrices, 0, 1, 2).sum(1);
}

struct Eigen {
  at::Tensor values;   // [n, c]
  at::Tensor vectors;  // [n, c, c]: columns.
};

// What is not finite is taken for the identity: no solver ends on it.
Eigen EigenOf(const at::Tensor& matrices) {
  const at::Tensor finite =
      at::isfinite(matrices).all(2).all(1).view({-1, 1, 1});
  const at::Tensor symmetric = (matrices + matrices.transpose(1, 2)).mul_(0.5);
  const auto [values, vectors] =
      at::linalg_eigh(at::where(finite, symmetric, Identity(matrices)));
  return {values, vectors};
}

// Q f(L) Qᵀ.
at::Tensor Rebuilt(const at::Tensor& values, const at::Tensor& vectors) {
  return at::bmm(vectors * values.unsqueeze(1), vectors.transpose(1, 2));
}

struct Gaussian {
  at::Tensor mean;
  at::Tensor covariance;
  // Onto the directions in which features vary; undefined where it is all.
  at::Tensor varying = {};
};

// Fewer positions than channels vary in some directions only. In the others the
// covariance is the ridge, but float32 leaves rounding there that is far larger
// and would rule all that roots are taken of: it is taken off.
Gaussian GaussianOf(const Moments& moments) {
  Gaussian of;
  of.mean = moments.mean.to(at::kDouble);
  of.covariance = Covariance(moments.second.to(at::kDouble), of.mean);
  if (moments.second.scalar_type() == at::kDouble ||
      moments.pixels > static_cast<double>(of.mean.size(1))) {
    return of;
  }
  const at::Tensor rounding =
      at::amax(at::diagonal(moments.second, 0, 1, 2), {1}, /*keepdim=*/true)
          .to(at::kDouble)
          .mul_(kRounding);
  const Eigen eigen = EigenOf(of.covariance);
  const at::Tensor varies = eigen.values > rounding + kRidge;
  // What is not finite stays so.
  const at::Tensor finite =
      at::isfinite(of.covariance).all(2).all(1).view({-1, 1, 1});
  of.covariance = at::where(
      finite,
      Rebuilt(
          at::where(varies, eigen.values, at::full_like(eigen.values, kRidge)),
          eigen.vectors),
      of.covariance);
  of.varying = Rebuilt(varies.to(at::kDouble), eigen.vectors);
  return of;
}

class WassersteinLoss : public MomentLoss {
 public:
  // The mean, the covariance's root and its trace.
  std::vector<at::Tensor> TargetOf(const Moments& style) const override {
    const Gaussian of = GaussianOf(style);
    const Eigen eigen = EigenOf(of.covariance);
    const at::Tensor roots = at::clamp_min(eigen.values, kRidge).sqrt();
    return {of.mean, Rebuilt(roots, eigen.vectors), Trace(of.covariance)};
  }

  MomentLossValue Evaluate(const Moments& image,
                           const std::vector<at::Tensor>& target,
                           bool with_gradient) const override {
    const Gaussian of = GaussianOf(image);
    const at::Tensor root = target[1].expand_as(of.covariance);
    const Eigen eigen = EigenOf(at::bmm(root, at::bmm(of.covariance, root)));
    const at::Tensor roots =
        at::clamp_min(eigen.values, kRidge * kRidge).sqrt();
    const at::Tensor of_mean = of.mean - target[0];

    const auto channels = static_cast<double>(of.mean.size(1));
    const auto type = image.second.scalar_type();
    MomentLossValue loss;
    loss.value = ((of_mean.square().sum(1) + Trace(of.covariance) + target[2] -
                   roots.sum(1) * 2) /
                  channels)
                     .to(type);
    if (!with_gradient) return loss;
    const at::Tensor transport = at::bmm(
        root, at::bmm(Rebuilt(roots.reciprocal(), eigen.vectors), root));
    at::Tensor at_covariance = (Identity(of.covariance) - transport) / channels;
    if (of.varying.defined()) {
      // Features less their mean lie in there: to them, and only to them, this
      // symmetric matrix does what the other does.
      const at::Tensor on_varying = at::bmm(at_covariance, of.varying);
      at_covariance = on_varying + on_varying.transpose(1, 2) -
                      at::bmm(of.varying, on_varying);
    }
    loss.gradient.second = at_covariance.to(type);
    loss.gradient.mean =
        ((of_mean / channels -
          at::bmm(at_covariance, of.mean.unsqueeze(2)).squeeze(2)) *
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
