// Grey pictures as weights: where a style applies, or is taken from.
#ifndef ATELIER_COMMON_IMAGE_MASK_H_
#define ATELIER_COMMON_IMAGE_MASK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace atelier {

/// Weights from 0 to 1, row by row; empty where there is no mask.
struct Mask {
  int width_px = 0;
  int height_px = 0;
  std::vector<float> weights;
};

/// Whether a picture can be a mask: grey, as far as JPEG keeps grey, and not
/// black everywhere.
/// Errors: InvalidArgument (says where it has a colour, or that it is black).
absl::Status CheckMask(const Image& picture);

/// Black is 0, white 1, in between as encoded.
/// Errors: as CheckMask; also where all of it is worth less than one pixel.
absl::StatusOr<Mask> ToMask(const Image& picture);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_MASK_H_
