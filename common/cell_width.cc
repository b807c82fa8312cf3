#include "common/cell_width.h"

#include <utf8proc.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr absl::string_view kEllipsis = "\xe2\x80\xa6";  // U+2026
constexpr utf8proc_int32_t kReplacement = 0xFFFD;
// Asks for the form of an emoji, which is two cells wide.
constexpr utf8proc_int32_t kEmojiForm = 0xFE0F;

bool IsRegionalIndicator(utf8proc_int32_t code) {
  return code >= 0x1F1E6 && code <= 0x1F1FF;
}

utf8proc_int32_t CodeOf(const Utf8Character& character) {
  return character.valid ? static_cast<utf8proc_int32_t>(character.code)
                         : kReplacement;
}

// Of one code point. utf8proc counts ambiguous ones as one, as terminals do
// outside East Asia.
int WidthOf(utf8proc_int32_t code) {
  return std::clamp(utf8proc_charwidth(code), 0, 2);
}

}  // namespace

SeenCharacter FirstSeenCharacter(absl::string_view text) {
  const Utf8Character first = FirstCharacter(text);
  utf8proc_int32_t last = CodeOf(first);
  SeenCharacter seen{first.size, first.valid ? WidthOf(last) : 1};
  const bool is_flag = IsRegionalIndicator(last);
  utf8proc_int32_t state = 0;
  while (seen.size < text.size()) {
    const Utf8Character next = FirstCharacter(text.substr(seen.size));
    const utf8proc_int32_t code = CodeOf(next);
    if (utf8proc_grapheme_break_stateful(last, code, &state)) break;
    const bool is_wide =
        code == kEmojiForm || (is_flag && IsRegionalIndicator(code));
    seen.cells = is_wide ? 2 : std::max(seen.cells, WidthOf(code));
    seen.size += next.size;
    last = code;
  }
  return seen;
}

int CellWidth(absl::string_view text) {
  int cells = 0;
  while (!text.empty()) {
    const SeenCharacter seen = FirstSeenCharacter(text);
    cells += seen.cells;
    text.remove_prefix(seen.size);
  }
  return cells;
}

std::string FittedText(absl::string_view text, int most_cells) {
  int cells = 0;
  size_t fits_bytes = 0;  // With the ellipsis after it.
  for (size_t at = 0; at < text.size();) {
    const SeenCharacter seen = FirstSeenCharacter(text.substr(at));
    at += seen.size;
    cells += seen.cells;
    if (cells <= most_cells - 1) fits_bytes = at;
    if (cells > most_cells) {
      return absl::StrCat(text.substr(0, fits_bytes),
                          most_cells > 0 ? kEllipsis : "");
    }
  }
  return std::string(text);
}

}  // namespace atelier
