#include "coordinator/state/task_state.h"

#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

struct Transition {
  TaskState from;
  TaskEvent event;
  TaskState to;
};

// Every legal move. A pair that is not listed is FailedPrecondition.
constexpr Transition kTransitions[] = {
    {TaskState::kQueued, TaskEvent::kLease, TaskState::kLeased},
    {TaskState::kQueued, TaskEvent::kReuse, TaskState::kSucceeded},
    {TaskState::kQueued, TaskEvent::kRefuse, TaskState::kFailed},
    {TaskState::kQueued, TaskEvent::kGiveUp, TaskState::kFailed},
    {TaskState::kQueued, TaskEvent::kCancel, TaskState::kCancelled},
    {TaskState::kLeased, TaskEvent::kSucceed, TaskState::kSucceeded},
    {TaskState::kLeased, TaskEvent::kHandBack, TaskState::kQueued},
    {TaskState::kLeased, TaskEvent::kGiveUp, TaskState::kFailed},
    {TaskState::kLeased, TaskEvent::kCancel, TaskState::kCancelled},
    {TaskState::kFailed, TaskEvent::kRetry, TaskState::kQueued},
    {TaskState::kCancelled, TaskEvent::kRetry, TaskState::kQueued},
    {TaskState::kSucceeded, TaskEvent::kRepair, TaskState::kQueued},
};

}  // namespace

absl::StatusOr<TaskState> NextState(TaskState state, TaskEvent event) {
  for (const Transition& move : kTransitions) {
    if (move.from == state && move.event == event) return move.to;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("a ", Name(state), " task does not allow ", Name(event)));
}

bool HasEnded(TaskState state) {
  return state != TaskState::kQueued && state != TaskState::kLeased;
}

absl::string_view Name(TaskState state) {
  switch (state) {
    case TaskState::kQueued:
      return "queued";
    case TaskState::kLeased:
      return "leased";
    case TaskState::kSucceeded:
      return "succeeded";
    case TaskState::kFailed:
      return "failed";
    case TaskState::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

absl::string_view Name(TaskEvent event) {
  switch (event) {
    case TaskEvent::kLease:
      return "lease";
    case TaskEvent::kSucceed:
      return "succeed";
    case TaskEvent::kHandBack:
      return "hand back";
    case TaskEvent::kGiveUp:
      return "give up";
    case TaskEvent::kReuse:
      return "reuse";
    case TaskEvent::kRefuse:
      return "refuse";
    case TaskEvent::kCancel:
      return "cancel";
    case TaskEvent::kRetry:
      return "retry";
    case TaskEvent::kRepair:
      return "repair";
  }
  return "unknown";
}

absl::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSucceeded:
      return "succeeded";
    case Outcome::kPreempted:
      return "preempted";
    case Outcome::kCancelled:
      return "cancelled";
    case Outcome::kLost:
      return "lost";
    case Outcome::kOutOfMemory:
      return "out-of-memory";
    case Outcome::kDiverged:
      return "diverged";
    case Outcome::kInvalidInput:
      return "invalid-input";
    case Outcome::kInternal:
      return "internal";
    case Outcome::kCrashed:
      return "crashed";
    case Outcome::kStalled:
      return "stalled";
  }
  return "unknown";
}

int64_t& TaskCounts::At(TaskState state) {
  switch (state) {
    case TaskState::kQueued:
      return queued;
    case TaskState::kLeased:
      return leased;
    case TaskState::kSucceeded:
      return succeeded;
    case TaskState::kFailed:
      return failed;
    case TaskState::kCancelled:
      return cancelled;
  }
  std::abort();
}

void TaskCounts::CancelAll() {
  cancelled += queued + leased;
  queued = 0;
  leased = 0;
}

void TaskCounts::RetryAll() {
  queued += leased + failed + cancelled;
  leased = 0;
  failed = 0;
  cancelled = 0;
}

void TaskCounts::RetryFailed() {
  queued += failed;
  failed = 0;
}

}  // namespace atelier
