#include "client/cli/task_states.h"

#include <algorithm>
#include <utility>

namespace atelier {
namespace {

CellState StateOf(const v1::Task& task) {
  switch (task.state()) {
    case v1::TASK_STATE_QUEUED:
      return CellState::kQueued;
    case v1::TASK_STATE_LEASED:
      return CellState::kRunning;
    case v1::TASK_STATE_SUCCEEDED:
      return task.attempts() == 0 ? CellState::kCached : CellState::kDone;
    case v1::TASK_STATE_FAILED:
      return CellState::kFailed;
    case v1::TASK_STATE_CANCELLED:
      return CellState::kCancelled;
    default:
      return CellState::kUnknown;
  }
}

double FractionOf(const v1::Task& task) {
  const int all = task.render().iterations();
  if (all <= 0) return 0;
  return std::clamp(static_cast<double>(task.iteration()) / all, 0.0, 1.0);
}

}  // namespace

TaskStates::TaskStates(const v1::JobSpec& spec, const std::string& by,
                       size_t tasks)
    : best_(spec, by, tasks),
      cells_(tasks),
      in_doubt_(tasks, true),
      runs_(tasks, false) {}

int64_t TaskStates::Count(CellState state) const {
  return std::count_if(
      cells_.begin(), cells_.end(),
      [state](const TaskCell& cell) { return cell.state == state; });
}

void TaskStates::Doubt(CellState state) {
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].state == state) in_doubt_[i] = true;
  }
}

void TaskStates::Run(const v1::Task& task) {
  if (task.index() < 0 || static_cast<size_t>(task.index()) >= cells_.size()) {
    return;
  }
  const size_t index = task.index();
  cells_[index] = {CellState::kRunning, FractionOf(task)};
  in_doubt_[index] = false;
  runs_[index] = true;
}

void TaskStates::Take(const v1::Task& task) {
  if (task.index() < 0 || static_cast<size_t>(task.index()) >= cells_.size()) {
    return;
  }
  const size_t index = task.index();
  best_.Take(task);
  in_doubt_[index] = false;
  // A snapshot is at least as new, and says how far it is.
  if (runs_[index]) return;
  // Or that it does not run any more: this answer is older.
  in_doubt_[index] = task.state() == v1::TASK_STATE_LEASED;
  cells_[index] = {StateOf(task), FractionOf(task)};
}

void TaskStates::Apply(const v1::JobSnapshot& snapshot) {
  const v1::TaskCounts before = std::exchange(counts_, snapshot.job().tasks());
  std::fill(runs_.begin(), runs_.end(), false);
  for (const v1::Task& task : snapshot.running()) Run(task);
  std::vector<size_t> ended;
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].state == CellState::kRunning && !runs_[i]) ended.push_back(i);
  }
  const bool all_succeeded = counts_.succeeded() - before.succeeded() >=
                                 static_cast<int64_t>(ended.size()) &&
                             counts_.failed() == before.failed() &&
                             counts_.cancelled() == before.cancelled();
  for (size_t i : ended) {
    in_doubt_[i] = true;
    // What it looks like until it is read.
    if (all_succeeded) cells_[i] = {CellState::kDone};
  }
  DoubtByCounts();
}

void TaskStates::DoubtByCounts() {
  const auto tasks = static_cast<int64_t>(cells_.size());
  const auto running =
      static_cast<int64_t>(std::count(runs_.begin(), runs_.end(), true));
  if (counts_.queued() + running == tasks) {
    // Nothing has ended: there is nothing to read.
    for (size_t i = 0; i < cells_.size(); ++i) {
      in_doubt_[i] = false;
      if (!runs_[i]) cells_[i] = {CellState::kQueued};
    }
    best_.Clear();
    return;
  }
  const int64_t done = Count(CellState::kDone) + Count(CellState::kCached);
  const int64_t failed = Count(CellState::kFailed);
  const int64_t cancelled = Count(CellState::kCancelled);
  const bool has_too_many = done > counts_.succeeded() ||
                            failed > counts_.failed() ||
                            cancelled > counts_.cancelled();
  // Some are queued again; or a snapshot is older than a page, once.
  if (has_too_many && had_too_many_) {
    for (const CellState state : {CellState::kDone, CellState::kCached,
                                  CellState::kFailed, CellState::kCancelled}) {
      Doubt(state);
    }
  }
  had_too_many_ = has_too_many;
  // More have ended than can be explained by those that are in doubt already.
  int64_t unexplained = counts_.succeeded() + counts_.failed() +
                        counts_.cancelled() - done - failed - cancelled;
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (in_doubt_[i] && !HasEnded(cells_[i].state)) --unexplained;
  }
  if (unexplained > 0) Doubt(CellState::kQueued);
}

std::optional<TaskPage> TaskStates::NextPage() const {
  auto first = std::find(in_doubt_.begin() + next_, in_doubt_.end(), true);
  if (first == in_doubt_.end()) {
    first = std::find(in_doubt_.begin(), in_doubt_.end(), true);
  }
  if (first == in_doubt_.end()) return std::nullopt;
  const auto end =
      first + std::min<int64_t>(kMostInPage, in_doubt_.end() - first);
  auto last = end - 1;
  while (!*last) --last;
  return TaskPage{first - in_doubt_.begin(),
                  static_cast<int>(last - first) + 1};
}

void TaskStates::Apply(const TaskPage& page,
                       const v1::ListTasksResponse& read) {
  for (const v1::Task& task : read.tasks()) Take(task);
  next_ = static_cast<size_t>(page.first + page.count) % cells_.size();
}

std::map<CellState, int64_t> TaskStates::Counts() const {
  const int64_t cached =
      std::min<int64_t>(Count(CellState::kCached), counts_.succeeded());
  return {{CellState::kDone, counts_.succeeded() - cached},
          {CellState::kCached, cached},
          {CellState::kRunning, counts_.leased()},
          {CellState::kQueued, counts_.queued()},
          {CellState::kFailed, counts_.failed()},
          {CellState::kCancelled, counts_.cancelled()},
          {CellState::kUnknown, Count(CellState::kUnknown)}};
}

}  // namespace atelier
