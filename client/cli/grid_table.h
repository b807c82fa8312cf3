// The steps of a grid's drawing that show a task as a cell with labels.
#ifndef ATELIER_CLIENT_CLI_GRID_TABLE_H_
#define ATELIER_CLIENT_CLI_GRID_TABLE_H_

#include <optional>
#include <vector>

#include "client/cli/grid_drawing.h"
#include "client/cli/screen_line.h"
#include "client/lib/task_grid.h"

namespace atelier {

/// Cells, as far as they go.
struct TableShape {
  int most_label = 0;  ///< Of a row's label.
  int most_cell = 1;   ///< Of a task, with the gap behind it. 1: one sign.
  /// Whether labels of columns may be cut, as long as they differ; or else are
  /// left out.
  bool cuts_labels = false;
};

/// The grid's blocks one below the other, or side by side where there are too
/// few lines; so are the parts of a single block. Nullopt where it does not fit
/// into so many lines.
/// REQUIRES: cells of `grid` have the tasks of `picture`.
std::optional<std::vector<ScreenLine>> DrawTable(const GridPicture& picture,
                                                 const TaskGrid& grid,
                                                 const TableShape& shape,
                                                 const TerminalLook& look,
                                                 int most_lines);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_GRID_TABLE_H_
