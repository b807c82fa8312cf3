// A terminal that understands what Screen writes, and nothing else.
#ifndef ATELIER_CLIENT_CLI_TERMINAL_TESTING_H_
#define ATELIER_CLIENT_CLI_TERMINAL_TESTING_H_

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/cell_width.h"
#include "gtest/gtest.h"

namespace atelier {

/// The text without what Screen and LineBuilder steer with; all else that
/// steers a terminal is still in it.
inline std::string WithoutOwnEscapes(const std::string& text) {
  static const std::regex own("\x1b\\[([0-9]+A|K|J|0m|0;2m|0;3[1236]m)");
  return std::regex_replace(text, own, "");
}

/// Lines that scroll away are kept. Characters of no or two cells are not its
/// business.
class FakeTerminal {
 public:
  FakeTerminal(int columns, int rows) : columns_(columns), rows_(rows) {}

  void Write(absl::string_view text) {
    text_ = absl::StrCat(text_, text);
    size_t at = 0;
    while (at < text_.size()) {
      const size_t taken = TakeOne(absl::string_view(text_).substr(at));
      if (taken == 0) break;  // The rest of it comes later.
      at += taken;
    }
    text_.erase(0, at);
  }

  /// What is on it, without spaces at the ends and empty lines below.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines(lines_.begin() + top_, lines_.end());
    for (std::string& line : lines) {
      line.erase(line.find_last_not_of(' ') + 1);
    }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
  }
  size_t scrolled_lines() const { return top_; }

  /// Breaks lines that are too long now, as most terminals do.
  void Resize(int columns, int rows) {
    std::vector<std::string> broken;
    size_t row = 0;
    for (size_t i = 0; i < lines_.size(); ++i) {
      std::string rest = lines_[i];
      rest.erase(rest.find_last_not_of(' ') + 1);
      if (i == row_) row = broken.size() + column_ / columns;
      do {
        broken.push_back(rest.substr(0, columns));
        rest.erase(0, std::min<size_t>(columns, rest.size()));
      } while (!rest.empty());
    }
    lines_ = std::move(broken);
    row_ = std::min(row, lines_.size() - 1);
    columns_ = columns;
    rows_ = rows;
    column_ %= columns;
    top_ = row_ + 1 > static_cast<size_t>(rows) ? row_ + 1 - rows : 0;
  }

 private:
  std::string& Line() {
    if (lines_.size() <= row_) lines_.resize(row_ + 1);
    return lines_[row_];
  }

  void NextLine() {
    ++row_;
    Line();
    if (row_ - top_ >= static_cast<size_t>(rows_)) ++top_;
  }

  // How many bytes; 0 for an escape that has not come whole.
  size_t TakeOne(absl::string_view text) {
    if (text[0] == '\x1b') return TakeEscape(text);
    if (text[0] == '\r') {
      column_ = 0;
    } else if (text[0] == '\n') {
      NextLine();
    } else {
      EXPECT_GE(static_cast<unsigned char>(text[0]), 0x20);
      if (column_ == columns_) {
        column_ = 0;
        NextLine();
      }
      std::string& line = Line();
      if (line.size() <= column_) line.resize(column_ + 1, ' ');
      line[column_++] = text[0];
    }
    return 1;
  }

  size_t TakeEscape(absl::string_view text) {
    size_t end = 2;
    while (end < text.size() && std::isalpha(text[end]) == 0) ++end;
    if (end >= text.size()) return 0;
    EXPECT_EQ(text[1], '[');
    const std::string number(text.substr(2, end - 2));
    switch (text[end]) {
      case 'A':
        // A cursor behind the last column is on it.
        column_ = std::min(column_, columns_ - 1);
        row_ -= std::min<size_t>(row_ - top_, std::atoi(number.c_str()));
        break;
      case 'K':
        Line().resize(std::min<size_t>(Line().size(), column_));
        break;
      case 'J':
        Line().resize(std::min<size_t>(Line().size(), column_));
        lines_.resize(row_ + 1);
        break;
      case 'm':
        break;
      default:
        ADD_FAILURE() << "no escape of ours: " << text[end];
    }
    return end + 1;
  }

  size_t columns_;
  int rows_;
  std::string text_;  // Not taken yet.
  std::vector<std::string> lines_{""};
  size_t top_ = 0;  // The first line that is seen.
  size_t row_ = 0;
  size_t column_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TERMINAL_TESTING_H_
