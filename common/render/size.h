// How large a picture becomes.
#ifndef ATELIER_COMMON_RENDER_SIZE_H_
#define ATELIER_COMMON_RENDER_SIZE_H_

#include <utility>

namespace atelier {

/// Width and height with the longer side `longer_side_px`, the other rounded to
/// nearest, at least 1. 0 keeps the size.
std::pair<int, int> FitSize(int width_px, int height_px, int longer_side_px);

/// A style picture's size: its longer side is `scale` times `size_px`, or times
/// what it is where `size_px` is 0.
std::pair<int, int> FitStyle(int width_px, int height_px, int size_px,
                             double scale);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_SIZE_H_
