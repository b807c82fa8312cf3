#include "client/cli/screen.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace atelier {
namespace {

constexpr absl::string_view kClearToEndOfLine = "\x1b[K";
constexpr absl::string_view kClearToEndOfScreen = "\x1b[J";

// To the begin of the line that is so many above.
std::string UpBy(int lines) {
  return lines > 0 ? absl::StrCat("\r\x1b[", lines, "A") : "\r";
}

}  // namespace

int Screen::LinesAbove(const TerminalLook& look) const {
  int lines = 0;
  for (size_t i = 0; i + 1 < shown_.size(); ++i) {
    lines += std::max((shown_[i].cells + look.columns - 1) / look.columns, 1);
  }
  // What has scrolled away is out of reach.
  return std::clamp(lines, 0, std::max(look.rows - 1, 0));
}

void Screen::Draw(const std::vector<ScreenLine>& lines,
                  const TerminalLook& look) {
  const bool is_same_size =
      look.columns == look_.columns && look.rows == look_.rows;
  std::string text = UpBy(LinesAbove(look));
  if (!is_same_size) absl::StrAppend(&text, kClearToEndOfScreen);
  bool is_other = !is_same_size || lines.size() != shown_.size();
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) absl::StrAppend(&text, "\r\n");
    const bool is_shown =
        is_same_size && i < shown_.size() && shown_[i].text == lines[i].text;
    // On the last one keys may have been echoed.
    if (is_shown && i + 1 < lines.size()) continue;
    is_other = is_other || !is_shown;
    absl::StrAppend(&text, lines[i].text, kClearToEndOfLine);
  }
  if (lines.size() < shown_.size()) absl::StrAppend(&text, kClearToEndOfScreen);
  if (!is_other) return;
  absl::StrAppend(&text, "\r");
  err_ << text << std::flush;
  shown_ = lines;
  look_ = look;
}

void Screen::Leave() {
  if (shown_.empty()) return;
  err_ << absl::StrCat("\r", shown_.back().text, kClearToEndOfLine, "\n")
       << std::flush;
  shown_.clear();
}

void Screen::Clear() {
  if (shown_.empty()) return;
  err_ << UpBy(LinesAbove(look_)) << kClearToEndOfScreen << std::flush;
  shown_.clear();
}

}  // namespace atelier
