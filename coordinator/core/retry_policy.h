// Whether a task is tried again after an attempt, as a pure function.
#ifndef ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_
#define ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/core/task_state.h"

namespace atelier {

struct RetryLimits {
  int max_failures = 3;        ///< The last of these fails the task.
  int max_interruptions = 20;  ///< One more than these fails the task.
};

/// What a task's attempts have cost it so far, since its job's last retry.
struct AttemptCosts {
  int failures = 0;       ///< Diverged, internal, crashed or stalled.
  int interruptions = 0;  ///< Preempted, lost or stopped: not the task's fault.
  int64_t memory_floor_bytes = 0;  ///< It needs more than this.
};

/// How one attempt ended, and where.
struct AttemptEnd {
  Outcome outcome = Outcome::kInternal;
  absl::string_view said;            ///< The worker's own message.
  int64_t worker_memory_bytes = 0;   ///< 0: it did not say.
  int64_t largest_memory_bytes = 0;  ///< Of all live workers.
};

struct RetryDecision {
  TaskEvent event = TaskEvent::kSucceed;  ///< kSucceed, kHandBack or kGiveUp.
  AttemptCosts costs;                     ///< With this attempt counted.
  std::string message;                    ///< For people; empty on success.
};

/// Judges one more attempt of a task.
/// Succeeded ends the task. Invalid input is never tried again. Preempted, lost
/// and cancelled are interruptions, everything else failures, each tried again
/// up to its limit. Out of memory is tried again where there is more of it,
/// which raises the floor; without such a worker the task fails and the message
/// has the figure. A worker that did not say how much it has makes it a failure
/// as any other.
RetryDecision DecideRetry(AttemptCosts before, const AttemptEnd& end,
                          const RetryLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_
