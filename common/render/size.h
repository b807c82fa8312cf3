// How large a picture becomes.
#ifndef ATELIER_COMMON_RENDER_SIZE_H_
#define ATELIER_COMMON_RENDER_SIZE_H_

#include <utility>

namespace atelier {

/// Width and height with the longer side `longer_side_px`, the other rounded to
/// nearest, at least 1. 0 keeps the size.
std::pair<int, int> FitSize(int width_px, int height_px, int longer_side_px);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_SIZE_H_
