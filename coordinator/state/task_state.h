// The life of a task, and the only table of its legal moves.
//
//               lease               succeed
//    queued ------------> leased -------------> succeeded
//     |  ^ ^                | | |
//     |  | +----------------+ | |  give up
//     |  |     hand back      | +-------------> failed
//     |  |                    |                  ^ |
//     |  |                    | cancel           | |
//     |  +--------------+     v                  | |
//     |                 +-- cancelled            | |
//     |    cancel       retry ^                  | |
//     +-----------------------+                  | | retry (to queued)
//     +------------------------------------------+ v
//          refuse, give up (a crash that is told late)
//
//    queued -- reuse --> succeeded: the same render has a result already.
//    succeeded -- repair --> queued: its picture is gone or damaged.
//
// But for repair, succeeded is final. A job's tasks move together on cancel and
// retry; the other moves are one task's.
#ifndef ATELIER_COORDINATOR_STATE_TASK_STATE_H_
#define ATELIER_COORDINATOR_STATE_TASK_STATE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// The numbers are stored: never reuse one.
enum class TaskState {
  kQueued = 1,
  kLeased = 2,
  kSucceeded = 3,
  kFailed = 4,
  kCancelled = 5,
};

enum class TaskEvent {
  kLease,     ///< A worker gets it.
  kSucceed,   ///< Its result commits.
  kHandBack,  ///< The attempt ended without a result and another may follow.
  kGiveUp,    ///< The last attempt had no result and none may follow.
  kReuse,     ///< A result of the same render is there.
  kRefuse,    ///< Its point does not make a render.
  kCancel,    ///< Its job was cancelled.
  kRetry,     ///< Its job was asked to try again.
  kRepair,    ///< Its result's picture is gone or damaged.
};

/// How one attempt ended. The numbers are stored: never reuse one.
enum class Outcome {
  kSucceeded = 1,
  kPreempted = 2,
  kCancelled = 3,
  kLost = 4,
  kOutOfMemory = 5,
  kDiverged = 6,
  kInvalidInput = 7,
  kInternal = 8,
  kCrashed = 9,   ///< The worker's process died of it, and left evidence.
  kStalled = 10,  ///< Its worker called, but its iteration did not move.
};
inline constexpr int kOutcomeCount = 10;

/// The state after `event`.
/// Errors: FailedPrecondition for a pair that the table does not list (names
///         both).
absl::StatusOr<TaskState> NextState(TaskState state, TaskEvent event);

/// Whether a task in this state has ended (a retry can still wake it).
bool HasEnded(TaskState state);

/// "out-of-memory": as metrics, messages and pages spell it.
absl::string_view Name(TaskState state);
absl::string_view Name(TaskEvent event);
absl::string_view Name(Outcome outcome);

/// How many tasks of a job are in each state.
struct TaskCounts {
  int64_t queued = 0;
  int64_t leased = 0;
  int64_t succeeded = 0;
  int64_t failed = 0;
  int64_t cancelled = 0;

  int64_t Total() const {
    return queued + leased + succeeded + failed + cancelled;
  }
  int64_t& At(TaskState state);
  /// Takes one task from one state to another.
  void Move(TaskState from, TaskState to) {
    --At(from);
    ++At(to);
  }
  /// What cancelling the whole job does: queued and leased become cancelled.
  void CancelAll();
  /// What retrying the whole job does: all but succeeded become queued.
  void RetryAll();
  /// What retrying does while the job runs: failed become queued.
  void RetryFailed();

  friend bool operator==(const TaskCounts& a, const TaskCounts& b) {
    return a.queued == b.queued && a.leased == b.leased &&
           a.succeeded == b.succeeded && a.failed == b.failed &&
           a.cancelled == b.cancelled;
  }
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_TASK_STATE_H_
