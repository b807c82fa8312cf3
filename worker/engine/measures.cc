#include "worker/engine/measures.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace atelier::engine {
namespace {

// Wang, Bovik, Sheikh and Simoncelli 2004, for values in [0,1].
constexpr double kSsimDeviation = 1.5;
constexpr double kSsimC1 = 0.01 * 0.01;
constexpr double kSsimC2 = 0.03 * 0.03;

at::Tensor ToDoubles(const at::Tensor& values) {
  return values.detach().to(at::Device(at::kCPU), at::kDouble);
}

double Norm(const at::Tensor& values) {
  return std::sqrt(values.square().sum().item<double>());
}

double Ratio(double distance, double norm) {
  return distance == 0 ? 0 : distance / norm;
}

// [1, 1, window, window], its sum 1.
at::Tensor GaussianWindow() {
  const at::Tensor along =
      at::arange(kSsimWindow, at::kDouble) - (kSsimWindow - 1) / 2.0;
  const at::Tensor weights =
      (along.square() / (-2 * kSsimDeviation * kSsimDeviation)).exp();
  const at::Tensor window = at::outer(weights, weights);
  return (window / window.sum()).view({1, 1, kSsimWindow, kSsimWindow});
}

at::Tensor Covariance(const FeatureMoments& of) {
  return of.gram - at::outer(of.mean, of.mean);
}

double Trace(const at::Tensor& matrix) {
  return at::diagonal(matrix).sum().item<double>();
}

at::Tensor SymmetricRoot(const at::Tensor& matrix) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  const at::Tensor roots = at::clamp_min(values, 0).sqrt();
  return at::mm(vectors * roots.unsqueeze(0), vectors.t());
}

}  // namespace

at::Tensor Luma(const at::Tensor& rgb) {
  const at::Tensor planes = ToDoubles(rgb).squeeze(0);
  return planes[0] * 0.299 + planes[1] * 0.587 + planes[2] * 0.114;
}

double Psnr(const at::Tensor& luma, const at::Tensor& of) {
  const double mean_square = (luma - of).square().mean().item<double>();
  if (mean_square == 0) return kMostDecibels;
  return std::min(kMostDecibels, -10 * std::log10(mean_square));
}

double Ssim(const at::Tensor& luma, const at::Tensor& of) {
  const at::Tensor x = luma.unsqueeze(0).unsqueeze(0);
  const at::Tensor y = of.unsqueeze(0).unsqueeze(0);
  const at::Tensor window = GaussianWindow();
  const auto mean = [&window](const at::Tensor& values) {
    return at::conv2d(values, window);
  };
  const at::Tensor mean_x = mean(x);
  const at::Tensor mean_y = mean(y);
  const at::Tensor variance_x = mean(x * x) - mean_x * mean_x;
  const at::Tensor variance_y = mean(y * y) - mean_y * mean_y;
  const at::Tensor covariance = mean(x * y) - mean_x * mean_y;
  const at::Tensor similarity = (mean_x * mean_y * 2 + kSsimC1) *
                                (covariance * 2 + kSsimC2) /
                                ((mean_x.square() + mean_y.square() + kSsimC1) *
                                 (variance_x + variance_y + kSsimC2));
  return similarity.mean().item<double>();
}

double RelativeDistance(const at::Tensor& features, const at::Tensor& of) {
  const at::Tensor to = ToDoubles(of);
  return Ratio(Norm(ToDoubles(features) - to), Norm(to));
}

FeatureMoments MomentsOf(const at::Tensor& features) {
  const at::Tensor rows = ToDoubles(features).view({features.size(1), -1});
  const auto positions = static_cast<double>(rows.size(1));
  return {rows.mean(1), at::mm(rows, rows.t()) / positions};
}

int64_t StyleMoments::bytes() const {
  const int64_t values =
      moments.mean.numel() + moments.gram.numel() + root.numel();
  return values * static_cast<int64_t>(sizeof(double));
}

StyleMoments ToStyleMoments(FeatureMoments moments) {
  StyleMoments style;
  style.root = SymmetricRoot(Covariance(moments));
  style.gram_norm = Norm(moments.gram);
  style.mean_square = Trace(moments.gram);
  style.moments = std::move(moments);
  return style;
}

double GramDistance(const FeatureMoments& image, const StyleMoments& style) {
  return Ratio(Norm(image.gram - style.moments.gram), style.gram_norm);
}

double WassersteinDistance(const FeatureMoments& image,
                           const StyleMoments& style) {
  const at::Tensor covariance = Covariance(image);
  const at::Tensor between = at::mm(style.root, at::mm(covariance, style.root));
  const at::Tensor roots =
      at::clamp_min(at::linalg_eigvalsh((between + between.t()) * 0.5), 0)
          .sqrt();
  const double squared =
      (image.mean - style.moments.mean).square().sum().item<double>() +
      Trace(covariance) + Trace(Covariance(style.moments)) -
      2 * roots.sum().item<double>();
  return std::sqrt(std::max(0.0, squared));
}

}  // namespace atelier::engine
