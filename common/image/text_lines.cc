#include "common/image/text_lines.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// As DrawText bounds one line.
constexpr size_t kMaxBrokenBytes = 1024;
constexpr absl::string_view kBreaksInWords = "_-,;:/";

// Each part ends with the character that it is split after, but for the last.
std::vector<std::string> SplitAfter(absl::string_view text,
                                    absl::string_view any_of) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = text.find_first_of(any_of);
    const size_t size = end == absl::string_view::npos ? text.size() : end + 1;
    parts.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

std::string WithoutEnd(absl::string_view text) {
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

}  // namespace

absl::StatusOr<int> TextBreaker::Width(const std::string& text,
                                       const TextStyle& style) {
  Key key(text, style.size_px, style.bold);
  const auto found = widths_.find(key);
  if (found != widths_.end()) return found->second;
  ASSIGN_OR_RETURN(const TextMask mask,
                   DrawText(text, style, std::numeric_limits<int>::max()));
  widths_.emplace(std::move(key), mask.width_px);
  return mask.width_px;
}

absl::StatusOr<int> TextBreaker::WidestWord(const std::string& text,
                                            const TextStyle& style) {
  Key key(text, style.size_px, style.bold);
  const auto found = widest_words_.find(key);
  if (found != widest_words_.end()) return found->second;
  int widest = 0;
  for (const std::string& word :
       SplitAfter(ClippedText(text, kMaxBrokenBytes), " ")) {
    ASSIGN_OR_RETURN(const int width, Width(WithoutEnd(word), style));
    widest = std::max(widest, width);
  }
  widest_words_.emplace(std::move(key), widest);
  return widest;
}

absl::StatusOr<std::vector<std::string>> TextBreaker::Pieces(
    const std::string& text, const TextStyle& style, int max_width_px) {
  std::vector<std::string> pieces;
  for (std::string& word :
       SplitAfter(ClippedText(text, kMaxBrokenBytes), " ")) {
    ASSIGN_OR_RETURN(const int width, Width(WithoutEnd(word), style));
    if (width <= max_width_px) {
      pieces.push_back(std::move(word));
      continue;
    }
    for (std::string& part : SplitAfter(word, kBreaksInWords)) {
      pieces.push_back(std::move(part));
    }
  }
  return pieces;
}

absl::StatusOr<absl::Span<const std::string>> TextBreaker::Break(
    const std::string& text, const TextStyle& style, int max_width_px,
    int max_lines) {
  auto key =
      std::make_tuple(text, style.size_px, style.bold, max_width_px, max_lines);
  auto found = broken_.find(key);
  if (found == broken_.end()) {
    ASSIGN_OR_RETURN(std::vector<std::string> lines,
                     BreakAnew(text, style, max_width_px, max_lines));
    found = broken_.emplace(std::move(key), std::move(lines)).first;
  }
  return absl::MakeConstSpan(found->second);
}

absl::StatusOr<std::vector<std::string>> TextBreaker::BreakAnew(
    const std::string& text, const TextStyle& style, int max_width_px,
    int max_lines) {
  ASSIGN_OR_RETURN(const std::vector<std::string> pieces,
                   Pieces(text, style, max_width_px));
  std::vector<std::string> lines;
  std::string line;
  for (size_t i = 0; i < pieces.size(); ++i) {
    ASSIGN_OR_RETURN(const int width,
                     Width(WithoutEnd(line + pieces[i]), style));
    if (line.empty() || width <= max_width_px) {
      line += pieces[i];
      continue;
    }
    if (static_cast<int>(lines.size()) + 1 == max_lines) {
      line += absl::StrJoin(pieces.begin() + static_cast<std::ptrdiff_t>(i),
                            pieces.end(), "");
      break;
    }
    lines.push_back(WithoutEnd(line));
    line = pieces[i];
  }
  line = WithoutEnd(line);
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace atelier
