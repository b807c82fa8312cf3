// What is known of one task, and how it looks in a cell.
#ifndef ATELIER_CLIENT_CLI_TASK_CELLS_H_
#define ATELIER_CLIENT_CLI_TASK_CELLS_H_

#include <string>

#include "absl/types/span.h"
#include "client/cli/screen_line.h"

namespace atelier {

enum class CellState {
  kUnknown,  ///< Its coordinator was not asked yet.
  kQueued,
  kRunning,
  kDone,
  kCached,  ///< Done, with a result that was there.
  kFailed,
  kCancelled,
};

struct TaskCell {
  CellState state = CellState::kUnknown;
  double fraction = 0;  ///< Done of one that runs, in [0,1].
};

struct CellText {
  std::string text;  ///< Of one cell, or of "42%".
  LineStyle style = LineStyle::kPlain;
};

/// The sign of a state: "\u2713", or in ASCII "#". Of one that runs, "%".
CellText SignOf(CellState state, bool is_utf8);
/// The sign of the best task.
CellText BestSign(bool is_utf8);

/// In up to three cells: the sign, and of one that runs "42%".
CellText WideText(const TaskCell& task, bool is_utf8);

/// In one cell. Of one that runs, and of several of which some have ended, the
/// tenths that are done: '0' to '9'. Several look failed where one has.
/// REQUIRES: at least one.
CellText DenseText(absl::Span<const TaskCell> tasks, bool is_utf8);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TASK_CELLS_H_
