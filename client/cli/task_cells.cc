#include "client/cli/task_cells.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

bool HasEnded(CellState state) {
  return state == CellState::kDone || state == CellState::kCached ||
         state == CellState::kFailed || state == CellState::kCancelled;
}

double DoneOf(const TaskCell& task) {
  if (task.state == CellState::kRunning) return task.fraction;
  return HasEnded(task.state) ? 1 : 0;
}

bool Any(absl::Span<const TaskCell> tasks, CellState state) {
  return std::any_of(tasks.begin(), tasks.end(), [state](const TaskCell& task) {
    return task.state == state;
  });
}

}  // namespace

CellText SignOf(CellState state, bool is_utf8) {
  switch (state) {
    case CellState::kUnknown:
      return {"?", LineStyle::kFaint};
    case CellState::kQueued:
      return {is_utf8 ? "\u00b7" : ".", LineStyle::kFaint};
    case CellState::kRunning:
      return {"%", LineStyle::kBusy};
    case CellState::kDone:
      return {is_utf8 ? "\u2713" : "#", LineStyle::kGood};
    case CellState::kCached:
      return {"=", LineStyle::kReused};
    case CellState::kFailed:
      return {is_utf8 ? "\u2717" : "!", LineStyle::kBad};
    case CellState::kCancelled:
      return {is_utf8 ? "\u2013" : "-", LineStyle::kFaint};
  }
  return {};
}

CellText BestSign(bool is_utf8) {
  return {is_utf8 ? "\u2605" : "*", LineStyle::kGood};
}

CellText WideText(const TaskCell& task, bool is_utf8) {
  if (task.state != CellState::kRunning) return SignOf(task.state, is_utf8);
  // One that runs is not done: never "100%".
  const int percent = std::clamp(static_cast<int>(100 * task.fraction), 0, 99);
  return {absl::StrCat(percent, "%"), LineStyle::kBusy};
}

CellText DenseText(absl::Span<const TaskCell> tasks, bool is_utf8) {
  const CellState first = tasks.front().state;
  const bool are_alike = std::all_of(
      tasks.begin(), tasks.end(),
      [first](const TaskCell& task) { return task.state == first; });
  if (are_alike && first != CellState::kRunning) return SignOf(first, is_utf8);
  if (Any(tasks, CellState::kFailed)) {
    return SignOf(CellState::kFailed, is_utf8);
  }
  double done = 0;
  for (const TaskCell& task : tasks) done += DoneOf(task);
  if (std::all_of(tasks.begin(), tasks.end(),
                  [](const TaskCell& task) { return HasEnded(task.state); })) {
    return SignOf(CellState::kDone, is_utf8);
  }
  const int tenths = static_cast<int>(10 * done / tasks.size());
  return {absl::StrCat(std::clamp(tenths, 0, 9)), LineStyle::kBusy};
}

}  // namespace atelier
