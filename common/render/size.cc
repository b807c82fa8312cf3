#include "common/render/size.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace atelier {

std::pair<int, int> FitSize(int width_px, int height_px, int longer_side_px) {
  const int longer = std::max(width_px, height_px);
  if (longer_side_px <= 0 || longer <= 0) return {width_px, height_px};
  const auto scaled = [&](int side) {
    const double exact = static_cast<double>(side) * longer_side_px / longer;
    return std::max(1, static_cast<int>(std::lround(exact)));
  };
  return {scaled(width_px), scaled(height_px)};
}

std::pair<int, int> FitStyle(int width_px, int height_px, int size_px,
                             double scale) {
  const int longer = size_px > 0 ? size_px : std::max(width_px, height_px);
  constexpr int kMost = std::numeric_limits<int>::max() / 2;
  const double scaled =
      std::clamp(longer * scale, 1.0, static_cast<double>(kMost));
  return FitSize(width_px, height_px, static_cast<int>(std::lround(scaled)));
}

}  // namespace atelier
