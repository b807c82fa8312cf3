#include "client/cli/screen_line.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr absl::string_view kEllipsis = "\u2026";

absl::string_view CodeOf(LineStyle style) {
  switch (style) {
    case LineStyle::kPlain:
      return "\x1b[0m";
    case LineStyle::kFaint:
      return "\x1b[0;2m";
    case LineStyle::kGood:
      return "\x1b[0;32m";
    case LineStyle::kBusy:
      return "\x1b[0;33m";
    case LineStyle::kBad:
      return "\x1b[0;31m";
    case LineStyle::kReused:
      return "\x1b[0;36m";
  }
  return "";
}

}  // namespace

std::string AsciiText(absl::string_view text) {
  std::string ascii;
  while (!text.empty()) {
    const SeenCharacter first = FirstSeenCharacter(text);
    const absl::string_view character = text.substr(0, first.size);
    text.remove_prefix(first.size);
    if (first.size == 1 && static_cast<unsigned char>(character[0]) < 0x80) {
      ascii += character[0];
    } else if (character == kEllipsis) {
      ascii += '~';
    } else {
      ascii.append(static_cast<size_t>(first.cells), '?');
    }
  }
  return ascii;
}

LineBuilder& LineBuilder::Add(absl::string_view text, LineStyle style) {
  const std::string fitted =
      FittedText(EscapedText(text), std::max(look_.room() - cells(), 0));
  if (fitted.empty()) return *this;
  Turn(style);
  line_.text += look_.is_utf8 ? fitted : AsciiText(fitted);
  line_.cells += CellWidth(fitted);
  return *this;
}

LineBuilder& LineBuilder::PadTo(int cells) {
  const int room = std::min(cells, look_.room()) - line_.cells;
  if (room > 0) Add(std::string(static_cast<size_t>(room), ' '));
  return *this;
}

ScreenLine LineBuilder::Take() {
  Turn(LineStyle::kPlain);
  return std::exchange(line_, {});
}

void LineBuilder::Turn(LineStyle style) {
  if (style == style_ || !look_.takes_colors) return;
  style_ = style;
  absl::StrAppend(&line_.text, CodeOf(style));
}

}  // namespace atelier
