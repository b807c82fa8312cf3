#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using vips::VImage;

VImage Scale(const VImage& picture, int width_px, int height_px) {
  return picture.resize(
      static_cast<double>(width_px) / picture.width(),
      VImage::option()
          ->set("vscale", static_cast<double>(height_px) / picture.height())
          ->set("kernel", VIPS_KERNEL_LANCZOS3)
          // All of it by Lanczos: no faster box filter before it.
          ->set("gap", 0.0));
}

}  // namespace

absl::StatusOr<Image> Resize(const Image& image, int width_px, int height_px) {
  RETURN_IF_ERROR(CheckImage(image));
  if (width_px < 1 || height_px < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("size ", width_px, "x", height_px,
                     " is empty; both sides must be positive"));
  }
  if (width_px == image.width_px && height_px == image.height_px) return image;
  const auto [least, most] =
      std::minmax_element(image.rgb.begin(), image.rgb.end());
  const float low = *least, high = *most;
  return CallVips(
      absl::StatusCode::kInternal, "picture cannot be resized",
      [&]() -> absl::StatusOr<Image> {
        std::vector<float> copy;
        const VImage scaled = Scale(ToVips(image, copy), width_px, height_px);
        if (scaled.width() != width_px || scaled.height() != height_px) {
          return absl::InternalError(absl::StrCat(
              "libvips resized to ", scaled.width(), "x", scaled.height(),
              "; asked for ", width_px, "x", height_px));
        }
        const VipsPixels pixels = ComputePixels(scaled);
        const auto* values = static_cast<const float*>(pixels.memory.get());
        Image result{width_px, height_px, {}};
        const size_t area = size_t(width_px) * height_px;
        result.rgb.resize(3 * area);
        for (size_t i = 0; i < 3 * area; ++i) {
          result.rgb[i % 3 * area + i / 3] = std::clamp(values[i], low, high);
        }
        return result;
      });
}

}  // namespace atelier
