#include "client/lib/yaml_places.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "common/unicode.h"

namespace atelier {
namespace {

// A text from a line on, by its number from 0; empty past the end.
absl::string_view FromLine(absl::string_view text, int line) {
  for (; line > 0 && !text.empty(); --line) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text;
}

// What is left of a line without a comment at its end.
absl::string_view WithoutComment(absl::string_view line) {
  for (size_t at = 0; at < line.size(); ++at) {
    const bool begins_word = at == 0 || absl::ascii_isspace(line[at - 1]);
    if (line[at] == '#' && begins_word) {
      line = line.substr(0, at);
      break;
    }
  }
  return absl::StripTrailingAsciiWhitespace(line);
}

TextPlace PlaceAfter(absl::string_view before, int line) {
  return {line + 1, static_cast<int>(CountCharacters(before)) + 1};
}

}  // namespace

absl::string_view LineAt(absl::string_view text, int line) {
  const absl::string_view rest = FromLine(text, line);
  return rest.substr(0, rest.find('\n'));
}

TextPlace PlaceOfMark(absl::string_view text, const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  const size_t column = std::max(mark.column, 0);
  return PlaceAfter(LineAt(text, mark.line).substr(0, column), mark.line);
}

absl::string_view WordAtMark(absl::string_view text, const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  const absl::string_view line = LineAt(text, mark.line);
  const absl::string_view rest =
      line.substr(std::min<size_t>(mark.column, line.size()));
  return rest.substr(0, rest.find_first_of(kEndsOfWords));
}

absl::string_view WrittenNull(absl::string_view text, const YAML::Node& node) {
  if (!node.IsNull()) return {};
  const absl::string_view word = WordAtMark(text, node.Mark());
  for (const absl::string_view null : {"~", "null", "Null", "NULL"}) {
    if (word == null) return word;
  }
  return {};
}

TextPlace PlaceOfNode(absl::string_view text, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return {};
  if (!node.IsNull() || !WrittenNull(text, node).empty()) {
    return PlaceOfMark(text, mark);
  }
  const absl::string_view here = WithoutComment(
      LineAt(text, mark.line).substr(0, std::max(mark.column, 0)));
  if (!here.empty()) return PlaceAfter(here, mark.line);
  // On an earlier line, over those without a token.
  absl::string_view above =
      text.substr(0, text.size() - FromLine(text, mark.line).size());
  for (int line = mark.line - 1; line >= 0 && !above.empty(); --line) {
    above.remove_suffix(1);  // The end of that line.
    const size_t begin = above.rfind('\n') + 1;
    const absl::string_view before = WithoutComment(above.substr(begin));
    if (!before.empty()) return PlaceAfter(before, line);
    above = above.substr(0, begin);
  }
  return {};
}

}  // namespace atelier
