#include <algorithm>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/str_cat.h"
#include "common/cell_width.h"
#include "common/image/canvas.h"
#include "common/image/vips_adapter.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
// fontconfig keeps its caches until the process ends; whoever draws text brings
// the excuse along.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}
#endif

namespace atelier {
namespace {

using vips::VImage;

constexpr char kEllipsis[] = "\xe2\x80\xa6";
// No label needs more, and a line's cost grows with its length.
constexpr size_t kMaxBytes = 1024;

absl::StatusOr<TextMask> DrawLine(const std::string& text,
                                  const TextStyle& style) {
  const std::string markup = EscapeMarkup(text);
  if (markup.find_first_not_of(' ') == std::string::npos) return TextMask();
  // The family's own fallbacks draw what DejaVu Sans lacks.
  const std::string font = absl::StrCat(
      "DejaVu Sans, sans-serif ", style.bold ? "Bold " : "", style.size_px);
  return CallVips(
      absl::StatusCode::kInternal, "text cannot be drawn",
      [&]() -> absl::StatusOr<TextMask> {
        // At 72 dots per inch a point is a pixel.
        const VImage drawn = VImage::text(
            markup.c_str(),
            VImage::option()->set("font", font.c_str())->set("dpi", 72));
        const VipsPixels pixels = ComputePixels(drawn);
        const auto* ink =
            static_cast<const unsigned char*>(pixels.memory.get());
        return TextMask{drawn.width(),
                        drawn.height(),
                        drawn.yoffset(),
                        {ink, ink + pixels.bytes}};
      });
}

// Where each character as readers see it ends: none may be cut.
std::vector<size_t> CharacterEnds(absl::string_view text) {
  std::vector<size_t> ends = {0};
  while (ends.back() < text.size()) {
    ends.push_back(ends.back() +
                   FirstSeenCharacter(text.substr(ends.back())).size);
  }
  return ends;
}

// The longest beginning of `text` that fits with an ellipsis after it.
absl::StatusOr<TextMask> DrawCut(const std::string& text,
                                 const TextStyle& style, int max_width_px) {
  const std::vector<size_t> ends = CharacterEnds(text);
  TextMask best;
  size_t untried = 0;  // The least number of characters that may still fit.
  size_t too_many = ends.size() - 1;
  while (untried < too_many) {
    const size_t middle = (untried + too_many) / 2;
    ASSIGN_OR_RETURN(TextMask mask,
                     DrawLine(text.substr(0, ends[middle]) + kEllipsis, style));
    if (mask.width_px <= max_width_px) {
      untried = middle + 1;
      best = std::move(mask);
    } else {
      too_many = middle;
    }
  }
  return best;
}

}  // namespace

absl::StatusOr<TextMask> DrawText(const std::string& text,
                                  const TextStyle& style, int max_width_px) {
  const std::string bounded = ClippedText(text, kMaxBytes);
  ASSIGN_OR_RETURN(TextMask mask, DrawLine(bounded, style));
  if (mask.width_px <= max_width_px) return mask;
  TextStyle smaller = style;
  smaller.size_px = std::max(style.size_px * 4 / 5, 1);
  ASSIGN_OR_RETURN(mask, DrawLine(bounded, smaller));
  if (mask.width_px <= max_width_px) {
    // Keeps the baseline of its neighbours, roughly.
    mask.top_px += (style.size_px - smaller.size_px) * 9 / 10;
    return mask;
  }
  return DrawCut(bounded, style, max_width_px);
}

}  // namespace atelier
