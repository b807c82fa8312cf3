// One line of a terminal that is written over as things go on.
#ifndef ATELIER_CLIENT_CLI_STATUS_LINE_H_
#define ATELIER_CLIENT_CLI_STATUS_LINE_H_

#include <ostream>

#include "absl/strings/string_view.h"

namespace atelier {

/// Writes with carriage returns and spaces alone: no escape codes. Shows
/// nothing where there is no terminal. Thread-compatible.
class StatusLine {
 public:
  /// `columns` of the terminal behind `err`; 0 where there is none.
  StatusLine(std::ostream& err, int columns) : err_(err), columns_(columns) {}
  /// Takes the line away.
  ~StatusLine() { Clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool is_there() const { return columns_ > 0; }
  /// Cells that a text may take; the last column stays free, for a terminal may
  /// wrap when it is written.
  int room() const { return columns_ - 1; }
  /// Replaces what the line shows; what does not fit is cut.
  void Show(absl::string_view text);
  /// Leaves an empty line. Call before anything else is written to the
  /// terminal.
  void Clear();

 private:
  std::ostream& err_;
  const int columns_;
  int shown_cells_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_STATUS_LINE_H_
