// A task's row in memory, and what becomes of it: every change of one is made
// here, along the moves of task_state.h.
#ifndef ATELIER_COORDINATOR_STATE_TASK_ROW_H_
#define ATELIER_COORDINATOR_STATE_TASK_ROW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/state/task_state.h"

namespace atelier {

/// A task as its job's generation sees it, and which row the store has of it.
/// Each move returns what is to be written, and counts on that being written:
/// the next move expects it. A move that task_state.h does not list is a bug:
/// absl::BadStatusOrAccess is thrown, which ends the process.
/// Thread-compatible.
class TaskRow {
 public:
  /// A queued task without a row.
  TaskRow(TaskId id, int64_t generation);
  /// Takes up what the store has. What an older generation failed or left
  /// unfinished is queued in this one, and has cost nothing yet.
  TaskRow(TaskRecord stored, int64_t generation);

  const TaskRecord& record() const { return record_; }
  const AttemptCosts& costs() const { return record_.costs; }
  /// Whether the store has it as failed: before its job was retried.
  bool IsStoredAsFailed() const {
    return stored_.has_value() && stored_->state == TaskState::kFailed;
  }

  TaskChange Lease(const AttemptToken& token, const WorkerName& worker,
                   const InstanceId& instance, absl::Time now);
  /// `result` is there exactly when the attempt succeeded.
  TaskChange End(TaskEvent event, Outcome outcome, AttemptCosts costs,
                 std::string message, std::optional<TaskResult> result);
  TaskChange Reuse(const RenderKey& key, const TaskResult& result);
  TaskChange Refuse(std::string message);
  /// Its last attempt turns out to have crashed its worker. It stays where it
  /// is.
  TaskChange CountCrash(AttemptCosts costs, std::string message);
  /// As CountCrash, and that was one too many.
  TaskChange GiveUp(AttemptCosts costs, std::string message);
  /// What failed, or whose picture is gone, is queued in this generation as if
  /// it had never been leased.
  TaskChange QueueAgain(int64_t generation);
  /// Stays what it is, in its job's next generation.
  TaskChange CarryOver(int64_t generation);

 private:
  void Move(TaskEvent event);
  void Blame(Outcome outcome, AttemptCosts costs, std::string message);
  TaskChange Changed();

  TaskRecord record_;
  std::optional<TaskVersion> stored_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_TASK_ROW_H_
