#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/image/canvas.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

#if defined(__SANITIZE_ADDRESS__)
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

bool IsInsideCharacter(char byte) { return (byte & 0xc0) == 0x80; }

// The longest beginning of `text` that fits with an ellipsis after it.
absl::StatusOr<TextMask> DrawCut(const std::string& text,
                                 const TextStyle& style, int max_width_px) {
  TextMask best;
  size_t fits = 0;
  size_t too_long = text.size();
  while (too_long - fits > 1) {
    const size_t middle = (fits + too_long) / 2;
    size_t end = middle;
    while (end > 0 && IsInsideCharacter(text[end])) --end;
    ASSIGN_OR_RETURN(TextMask mask,
                     DrawLine(text.substr(0, end) + kEllipsis, style));
    if (mask.width_px <= max_width_px) {
      fits = middle;
      best = std::move(mask);
    } else {
      too_long = middle;
    }
  }
  return best;
}

}  // namespace

absl::StatusOr<TextMask> DrawText(const std::string& text,
                                  const TextStyle& style, int max_width_px) {
  const std::string bounded = text.substr(0, kMaxBytes);
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
