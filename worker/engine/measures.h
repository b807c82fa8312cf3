// Numbers about a picture that do not depend on what was optimized: how near it
// is to a content picture, its features to a style's, and how large its
// structures are. docs/measures.md has the formulas and their sources.
//
// All values are computed in doubles on the CPU. May throw what Torch throws.
#ifndef ATELIER_WORKER_ENGINE_MEASURES_H_
#define ATELIER_WORKER_ENGINE_MEASURES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace atelier::engine {

/// Of pictures this equal, Psnr says no more than this.
inline constexpr double kMostDecibels = 100;
/// SSIM's window: the least side, in pixels, of a picture that has one.
inline constexpr int64_t kSsimWindow = 11;

/// The luma of ITU-R BT.601 of RGB [0,1] by sRGB's curve.
/// Shapes: rgb [1, 3, h, w], the result [h, w], doubles.
at::Tensor Luma(const at::Tensor& rgb);

/// Peak signal to noise ratio in decibels, of values in [0,1], at most
/// kMostDecibels. Shapes: both [h, w].
double Psnr(const at::Tensor& luma, const at::Tensor& of);

/// The mean structural similarity (Wang et al. 2004) of values in [0,1]: 1 for
/// equal pictures. REQUIRES: both [h, w], no side under kSsimWindow.
double Ssim(const at::Tensor& luma, const at::Tensor& of);

/// The mean wavelength, in pixels, of the power spectrum of `luma` less its
/// mean and under a Hann window; not finite where that is flat. Shape: [h, w].
double MeanWavelength(const at::Tensor& luma);

/// ‖F − G‖ / ‖G‖, over all values; 0 where both are zero. Shapes: the same.
double RelativeDistance(const at::Tensor& features, const at::Tensor& of);

/// Of features F (C x N): their mean over N, and F Fᵀ / N, in doubles.
struct FeatureMoments {
  at::Tensor mean;  ///< [C]
  at::Tensor gram;  ///< [C, C]
};

/// Shapes: features [1, C, h, w].
FeatureMoments MomentsOf(const at::Tensor& features);

/// What a style's moments are compared by.
struct StyleMoments {
  FeatureMoments moments;
  at::Tensor root;         ///< [C, C]: of the covariance, symmetric.
  double gram_norm = 0;    ///< Frobenius's.
  double mean_square = 0;  ///< The mean of ‖F_n‖² over N.

  int64_t bytes() const;
};

StyleMoments ToStyleMoments(FeatureMoments moments);

/// ‖G(F) − G(S)‖ / ‖G(S)‖ in Frobenius's norm; 0 where both are zero.
double GramDistance(const FeatureMoments& image, const StyleMoments& style);

/// The 2-Wasserstein distance between the Gaussians of both moments, in the
/// units of the features.
double WassersteinDistance(const FeatureMoments& image,
                           const StyleMoments& style);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_MEASURES_H_
