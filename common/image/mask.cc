#include "common/image/mask.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// JPEG's chroma, and its own rounding, leave a grey picture this far from it.
constexpr float kMostColour = 12.0f / 255;

std::array<float, 3> ColourAt(const Image& picture, size_t pixel) {
  const size_t area = picture.rgb.size() / 3;
  return {picture.rgb[pixel], picture.rgb[area + pixel],
          picture.rgb[2 * area + pixel]};
}

}  // namespace

absl::Status CheckMask(const Image& picture) {
  RETURN_IF_ERROR(CheckImage(picture));
  const size_t area = picture.rgb.size() / 3;
  for (size_t i = 0; i < area; ++i) {
    const std::array<float, 3> colour = ColourAt(picture, i);
    const auto [least, most] =
        std::minmax_element(colour.begin(), colour.end());
    // Written so that a value that is not a number is refused.
    if (*most - *least <= kMostColour) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "is not a mask: it has the colour (%.2f, %.2f, %.2f) at x %d, y %d; "
        "a mask is grey",
        colour[0], colour[1], colour[2], i % picture.width_px,
        i / picture.width_px));
  }
  if (*std::max_element(picture.rgb.begin(), picture.rgb.end()) <= 0) {
    return absl::InvalidArgumentError(
        "is not a mask: it is black everywhere; white is where it lets "
        "through");
  }
  return absl::OkStatus();
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
