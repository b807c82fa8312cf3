// Columns that line up.
#ifndef ATELIER_CLIENT_CLI_TABLE_H_
#define ATELIER_CLIENT_CLI_TABLE_H_

#include <string>
#include <vector>

namespace atelier {

/// Rows of text under a header; every cell but a row's last is padded to its
/// column. Control characters in cells become spaces: they come from others.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { Add(std::move(header)); }
  void Add(std::vector<std::string> row);
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TABLE_H_
