// Whether a task is tried again after an attempt, as a pure function.
#ifndef ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_
#define ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_

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
  int failures = 0;       ///< Out of memory, diverged or internal.
  int interruptions = 0;  ///< Preempted, lost or stopped: not the task's fault.
};

struct RetryDecision {
  TaskEvent event = TaskEvent::kSucceed;  ///< kSucceed, kHandBack or kGiveUp.
  AttemptCosts costs;                     ///< With this attempt counted.
  std::string message;                    ///< For people; empty on success.
};

/// Judges one more attempt of a task.
/// Succeeded ends the task. Invalid input is never tried again. Preempted, lost
/// and cancelled are interruptions, everything else failures, each tried again
/// up to its limit. `said` is the worker's own message.
RetryDecision DecideRetry(AttemptCosts before, Outcome outcome,
                          absl::string_view said,
                          const RetryLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_RETRY_POLICY_H_
