#include "common/image/turn.h"

#include <cstddef>

namespace atelier {

std::pair<int, int> UprightPlace(int orientation, int width_px, int height_px,
                                 int x, int y) {
  const int from_right = width_px - 1 - x;
  const int from_bottom = height_px - 1 - y;
  switch (orientation) {
    case 2:
      return {from_right, y};
    case 3:
      return {from_right, from_bottom};
    case 4:
      return {x, from_bottom};
    case 5:
      return {y, x};
    case 6:
      return {from_bottom, x};
    case 7:
      return {from_bottom, from_right};
    case 8:
      return {y, from_right};
    default:
      return {x, y};
  }
}

Image Upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool on_its_side = orientation >= 5;
  Image turned{on_its_side ? image.height_px : image.width_px,
               on_its_side ? image.width_px : image.height_px,
               {}};
  turned.rgb.resize(image.rgb.size());
  const size_t area = image.rgb.size() / 3;
  size_t from = 0;
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x, ++from) {
      const auto [to_x, to_y] =
          UprightPlace(orientation, image.width_px, image.height_px, x, y);
      const size_t to = size_t(to_y) * turned.width_px + to_x;
      for (size_t c = 0; c < 3; ++c) {
        turned.rgb[c * area + to] = image.rgb[c * area + from];
      }
    }
  }
  return turned;
}

}  // namespace atelier
