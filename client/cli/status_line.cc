#include "client/cli/status_line.h"

#include <algorithm>
#include <string>

#include "common/cell_width.h"

namespace atelier {

void StatusLine::Show(absl::string_view text) {
  if (!is_there()) return;
  const std::string fitted = FittedText(text, room());
  const int cells = CellWidth(fitted);
  err_ << '\r' << fitted << std::string(std::max(shown_cells_ - cells, 0), ' ')
       << std::flush;
  shown_cells_ = cells;
}

void StatusLine::Clear() {
  if (shown_cells_ == 0) return;
  err_ << '\r' << std::string(static_cast<size_t>(shown_cells_), ' ') << '\r'
       << std::flush;
  shown_cells_ = 0;
}

}  // namespace atelier
