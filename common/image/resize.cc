#include <algorithm>
#include <vector>

#include "common/image/image.h"
#include "common/image/shrinker.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Few rows at a time: all of them would be the picture once more.
constexpr int kRowsPerStrip = 64;

void AddRows(const Image& image, int top, int rows, std::vector<float>& strip,
             Shrinker& shrinker) {
  const size_t width = image.width_px;
  const size_t area = image.rgb.size() / 3;
  const size_t first = top * width;
  strip.resize(3 * rows * width);
  for (size_t i = 0; i < rows * width; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      strip[3 * i + c] = image.rgb[c * area + first + i];
    }
  }
  shrinker.Add({top, rows, strip.data()});
}

}  // namespace

absl::StatusOr<Image> Resize(const Image& image, int width_px, int height_px) {
  RETURN_IF_ERROR(CheckImage(image));
  if (width_px < 1 || height_px < 1) {
    return InvalidArgument("size ", width_px, "x", height_px,
                           " is empty; both sides must be positive");
  }
  if (width_px == image.width_px && height_px == image.height_px) return image;
  return CallVips(
      absl::StatusCode::kInternal, "picture cannot be resized",
      [&]() -> absl::StatusOr<Image> {
        Shrinker shrinker(image.width_px, image.height_px, width_px, height_px);
        std::vector<float> strip;
        for (int top = 0; top < image.height_px; top += kRowsPerStrip) {
          AddRows(image, top, std::min(kRowsPerStrip, image.height_px - top),
                  strip, shrinker);
        }
        return shrinker.Finish();
      });
}

}  // namespace atelier
