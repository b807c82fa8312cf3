// Where each task of a job stands among the others: on its contact sheet, and
// on the terminal.
//
//   const TaskGrid grid = LayOutTasks(job.spec(), labels, options);
//   for (const TaskGrid::Block& block : grid.blocks) ...
#ifndef ATELIER_CLIENT_LIB_TASK_GRID_H_
#define ATELIER_CLIENT_LIB_TASK_GRID_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace atelier {

namespace v1 {
class Axis;
class JobSpec;
}  // namespace v1

/// What people choose about rows and columns.
struct GridOptions {
  std::string rows;     ///< The axis that goes down; empty: the first.
  std::string columns;  ///< The axis that goes across; empty: the last.
};

struct TaskGrid {
  struct Cell {
    /// Its position in what was laid out; none where rules leave a point out.
    std::optional<size_t> task;
    /// Of the column's value; where there is no such axis of all values.
    std::string label;
  };
  struct Row {
    std::string label;  ///< Of the row's value; in reading order empty.
    std::vector<Cell> cells;
  };
  struct Block {
    std::string title;  ///< LabelsText of further axes.
    std::vector<Row> rows;
  };
  /// Positions in JobSpec.axes. In reading order none, but for the axis of a
  /// job that has only one: it goes across.
  std::optional<int> row_axis;
  std::optional<int> column_axis;
  std::vector<Block> blocks;
};

/// Errors: InvalidArgument ("--rows: ...": what was given, and the axes that
///         there are) for an axis that the job does not have, for one that is
///         given twice, and where tasks stand in their order.
absl::Status CheckGridOptions(const v1::JobSpec& spec,
                              const GridOptions& options);

/// Lays tasks of these labels, in index order, out as the job's axes ask. Of a
/// grid of two axes and more one goes down, one across, and the others make
/// titled blocks. What rules leave out of a row is a cell without a task.
/// Everything else stands in reading order, `sheet_columns` to a row; where
/// that is 0, in one row of up to 8, or else in rows of about as many as there
/// are rows. So does a grid whose rows would have a great many empty cells.
/// REQUIRES: CheckGridOptions; labels of all axes for each task.
TaskGrid LayOutTasks(const v1::JobSpec& spec,
                     absl::Span<const std::vector<std::string>> labels,
                     const GridOptions& options = {});

/// The label, below its axis's name where it is a number: a bare one says
/// nothing. "style_weight 3500", "harbour.jpg".
std::string LabelText(const v1::Axis& axis, const std::string& label);

/// Of some of the axes, as one text. REQUIRES: a label for each axis.
std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels,
                       absl::Span<const int> axes);
/// Of all axes.
std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_TASK_GRID_H_
