#include "client/cli/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"

namespace atelier {

void Table::Add(std::vector<std::string> row) {
  widths_.resize(std::max(widths_.size(), row.size()));
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = ClippedText(row[i], kMaxErrorBytes);
    widths_[i] = std::max(widths_[i], CellWidth(row[i]));
  }
  rows_.push_back(std::move(row));
}

std::string Table::TakeText() {
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const int padding = widths_[i] - CellWidth(row[i]) + 2;
      absl::StrAppend(&line, row[i],
                      std::string(static_cast<size_t>(padding), ' '));
    }
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  }
  rows_.clear();
  return text;
}

}  // namespace atelier
