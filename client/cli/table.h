// Columns that line up.
#ifndef ATELIER_CLIENT_CLI_TABLE_H_
#define ATELIER_CLIENT_CLI_TABLE_H_

#include <string>
#include <vector>

namespace atelier {

/// Rows of text under a header; every cell but a row's last is padded to its
/// column, as wide as its widest cell on a terminal. Cells come from others:
/// they are escaped (EscapedText), and clipped to kMaxErrorBytes.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { Add(std::move(header)); }
  void Add(std::vector<std::string> row);
  /// The rows since the last call, as text; columns never get narrower. For
  /// tables that are too long to keep.
  std::string TakeText();

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<int> widths_;  // In cells.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TABLE_H_
