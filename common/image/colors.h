// Whose colours a render has: Gatys et al., "Preserving Color in Neural
// Artistic Style Transfer", arXiv:1606.05897. Pure functions.
#ifndef ATELIER_COMMON_IMAGE_COLORS_H_
#define ATELIER_COMMON_IMAGE_COLORS_H_

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace atelier {

/// `picture` under the linear map of RGB that gives it the mean and covariance
/// of `like`: "color histogram matching" by the symmetric square roots of Image
/// Analogies, C_like^(1/2) · C_picture^(-1/2), rather than by Cholesky's. Along
/// a direction in which `picture` varies by less than a step of 8 bits (all but
/// one of a grey picture's), there is nothing to stretch: it stays flat. Values
/// may leave [0,1]. Errors: InvalidArgument for an empty image or values that
/// are not finite.
absl::StatusOr<Image> MatchColors(const Image& picture, const Image& like);

/// The luminance of `picture`, clamped to [0,1], with the chrominance of
/// `colored`, in YIQ: "luminance-only transfer". Where RGB has no such colour,
/// the chrominance is reduced until it has: luminance and hue hold. Errors:
/// InvalidArgument for empty images or different sizes (names both).
absl::StatusOr<Image> WithColorsOf(const Image& picture, const Image& colored);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_COLORS_H_
