#include "common/image/mask_check.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace atelier {
namespace {

// JPEG's chroma, and its own rounding, leave a grey picture this far from it.
constexpr float kMostColour = 12.0f / 255;

}  // namespace

void MaskCheck::Add(const std::array<float, 3>& colour, int x, int y) {
  const float least = std::min({colour[0], colour[1], colour[2]});
  const float most = std::max({colour[0], colour[1], colour[2]});
  brightest_ = std::max(brightest_, most);
  // Written so that a value that is not a number is refused.
  if (has_colour_ || most - least <= kMostColour) return;
  has_colour_ = true;
  colour_ = colour;
  x_ = x;
  y_ = y;
}

absl::Status MaskCheck::status() const {
  if (has_colour_) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "is not a mask: it has the colour (%.2f, %.2f, %.2f) at x %d, y %d; "
        "a mask is grey",
        colour_[0], colour_[1], colour_[2], x_, y_));
  }
  if (brightest_ > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "is not a mask: it is black everywhere; white is where it lets through");
}

}  // namespace atelier
