// Inside this room only: pictures the right way up.
#ifndef ATELIER_COMMON_IMAGE_TURN_H_
#define ATELIER_COMMON_IMAGE_TURN_H_

#include <utility>

#include "common/image/image.h"

namespace atelier {

/// Where the pixel at (x, y) of a picture of this size belongs, once the
/// picture stands as EXIF's `orientation`, 1 to 8, says. Others mean 1.
std::pair<int, int> UprightPlace(int orientation, int width_px, int height_px,
                                 int x, int y);

/// All of its pixels there.
Image Upright(Image image, int orientation);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_TURN_H_
