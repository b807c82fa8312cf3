// Inside this room only: a picture's pixels as sRGB, strip by strip, so that
// they are never all in memory.
#ifndef ATELIER_COMMON_IMAGE_STRIPS_H_
#define ATELIER_COMMON_IMAGE_STRIPS_H_

#include <vips/vips8>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// Rows of a picture as RGB in [0,1], pixel by pixel: alpha is laid over white.
struct Strip {
  int top = 0;
  int rows = 0;
  const float* rgb = nullptr;  ///< rows x width x 3 values.
};

/// What a picture's samples are, once they are of sRGB: whole numbers, one or
/// three of colour and maybe one of alpha.
struct SrgbSamples {
  vips::VImage image;
  int colours = 3;
  float most_colour = 255;  ///< Is white.
  float most_alpha = 0;     ///< Is opaque; 0: there is no alpha.
};

/// Honours the ICC profile; converts CMYK, Lab and linear light. Nothing is
/// computed yet.
/// Errors: InvalidArgument for samples without a meaning. Throws vips::VError.
absl::StatusOr<SrgbSamples> ToSrgbSamples(const vips::VImage& picture);

/// Decodes the picture once, from top to bottom, on the caller's thread.
/// `visit` is called for one strip after the other; its first error ends it.
/// Lifetime: of a strip, until `visit` returns.
/// Throws vips::VError.
absl::Status ReadStrips(const SrgbSamples& samples,
                        absl::FunctionRef<absl::Status(const Strip&)> visit);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_STRIPS_H_
