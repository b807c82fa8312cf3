// A job's tasks as lines of a terminal, never more or wider than it has. Pure.
//
//   const GridDrawing drawing = DrawGrid(picture, look);
//   screen.Draw(drawing.lines, look);
//
// With less room the drawing is simpler, step by step: cells of several
// columns with their labels; narrower ones; one sign for each task; one line
// for each row or some rows, where a sign may stand for several tasks; one line
// for the job. Lines below the grid say what its signs mean, how fast it goes,
// which task is best, and how far it is.
#ifndef ATELIER_CLIENT_CLI_GRID_DRAWING_H_
#define ATELIER_CLIENT_CLI_GRID_DRAWING_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/screen_line.h"
#include "client/cli/task_cells.h"
#include "client/lib/task_grid.h"

namespace atelier {

/// What is drawn. Lifetime: of the grid.
struct GridPicture {
  const TaskGrid& grid;
  /// Of what goes down and across; of a job of one axis the second alone.
  std::string row_axis = {};
  std::string column_axis = {};
  std::vector<TaskCell> tasks = {};  ///< By the grid's Cell.task.
  std::optional<size_t> best = {};

  std::map<CellState, int64_t> counts = {};  ///< As the coordinator has them.
  std::string speed = {};                    ///< Empty: not known.
  std::string best_text = {};                ///< Empty: none is best.
  /// As ProgressBar takes them.
  std::string name = {};
  double fraction = 0;
  std::string progress = {};
  /// Takes the place of the bar where it is not empty: how the job ended.
  std::string verdict = {};
};

enum class GridStep { kTable, kNarrowTable, kSigns, kDense, kLine };

struct GridDrawing {
  GridStep step = GridStep::kLine;
  std::vector<ScreenLine> lines;  ///< At least one, at most look.rows.
};

GridDrawing DrawGrid(const GridPicture& picture, const TerminalLook& look);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_GRID_DRAWING_H_
