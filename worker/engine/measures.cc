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
// A thousandth of the least step of 16 bits, of values in [0,1].
constexpr double kFlat = 1e-8;

at::Tensor ToDoubles(const at::Tensor& values) {
  return values.detach().to(at::Device(at::kCPU), at::kDouble);
}

double Norm(const at::Tensor& values) {
  return std::sqrt(values.square().sum().item<double>());
}

double Ratio(double distance, double norm) {
  return distance == 0 ? 0 : distance / norm;
}

// Weighted means over SSIM's window, a row and then a column of it.
// Shapes: [n, h, w] to [n, h - window + 1, w - window + 1].
at::Tensor WindowMeans(const at::Tensor& maps) {
  const at::Tensor along =
      at::arange(kSsimWindow, at::kDouble) - (kSsimWindow - 1) / 2.0;
  const at::Tensor weights =
      (along.square() / (-2 * kSsimDeviation * kSsimDeviation)).exp();
  const at::Tensor row = (weights / weights.sum()).view({1, 1, 1, -1});
  return at::conv2d(at::conv2d(maps.unsqueeze(1), row), row.transpose(2, 3))
      .squeeze(1);
}

// Symmetric, so that a picture and its mirror image weigh the same. [n].
at::Tensor HannWindow(int64_t n) {
  return at::hann_window(n, /*periodic=*/false, at::kDouble);
}

// Of a discrete spectrum of n values, in cycles per value; a column.
at::Tensor SquaredFrequencies(int64_t n) {
  return at::fft_fftfreq(n, 1.0, at::kDouble).square().unsqueeze(1);
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
  const at::Tensor means =
      WindowMeans(at::stack({luma, of, luma * luma, of * of, luma * of}));
  const at::Tensor mean_x = means[0];
  const at::Tensor mean_y = means[1];
  const at::Tensor squares = mean_x.square() + mean_y.square();
  const at::Tensor variances = means[2] + means[3] - squares;
  const at::Tensor covariance = means[4] - mean_x * mean_y;
  const at::Tensor similarity = (mean_x * mean_y * 2 + kSsimC1) *
                                (covariance * 2 + kSsimC2) /
                                ((squares + kSsimC1) * (variances + kSsimC2));
  return similarity.mean().item<double>();
}

double MeanWavelength(const at::Tensor& luma) {
  const at::Tensor waves = luma - luma.mean();
  // What is left of a flat picture is rounding.
  if (waves.abs().max().item<double>() < kFlat) return NAN;
  const int64_t h = luma.size(0);
  const int64_t w = luma.size(1);
  const at::Tensor power =
      at::abs(at::fft_fft2(waves * at::outer(HannWindow(h), HannWindow(w))))
          .square();
  power[0][0] = 0;
  at::Tensor lengths =
      (SquaredFrequencies(h) + SquaredFrequencies(w).t()).rsqrt();
  lengths[0][0] = 0;
  return (power * lengths).sum().item<double>() / power.sum().item<double>();
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
