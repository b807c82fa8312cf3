#include "common/image/mask.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "absl/strings/str_format.h"
#include "common/image/mask_check.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

std::array<float, 3> ColourAt(const Image& picture, size_t pixel) {
  const size_t area = picture.rgb.size() / 3;
  return {picture.rgb[pixel], picture.rgb[area + pixel],
          picture.rgb[2 * area + pixel]};
}

}  // namespace

absl::Status CheckMask(const Image& picture) {
  RETURN_IF_ERROR(CheckImage(picture));
  MaskCheck check;
  size_t pixel = 0;
  for (int y = 0; y < picture.height_px; ++y) {
    for (int x = 0; x < picture.width_px; ++x, ++pixel) {
      check.Add(ColourAt(picture, pixel), x, y);
    }
  }
  return check.status();
}

absl::StatusOr<Mask> ToMask(const Image& picture) {
  RETURN_IF_ERROR(CheckMask(picture));
  Mask mask{picture.width_px, picture.height_px, {}};
  std::vector<float>& weights = mask.weights;
  weights.resize(picture.rgb.size() / 3);
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::array<float, 3> colour = ColourAt(picture, i);
    weights[i] =
        std::clamp((colour[0] + colour[1] + colour[2]) / 3, 0.0f, 1.0f);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum < 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "lets through %.3g of a pixel once it is %d x %d px; at least one", sum,
        mask.width_px, mask.height_px));
  }
  return mask;
}

}  // namespace atelier
