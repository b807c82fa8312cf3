// Whether a task is tried again after an attempt, as a pure function.
#ifndef ATELIER_COORDINATOR_STATE_RETRY_POLICY_H_
#define ATELIER_COORDINATOR_STATE_RETRY_POLICY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "coordinator/state/task_state.h"

namespace atelier {

struct RetryLimits {
  int max_failures = 3;        ///< The last of these fails the task.
  int max_crashes = 3;         ///< The last of these fails the task.
  int max_interruptions = 20;  ///< One more than these fails the task.
};

/// What a task's attempts have cost it so far, since its job's last retry.
struct AttemptCosts {
  int failures = 0;  ///< Diverged, internal or stalled.
  /// Preempted, lost or stopped since an attempt last got further than all
  /// before it: not the task's fault.
  int interruptions = 0;
  int64_t memory_floor_bytes = 0;  ///< It needs more than this.
  int furthest_iteration = 0;      ///< That any attempt was heard to reach.
  /// One line for each attempt that its worker's process died of, as
  /// `"w1": signal 11 (SIGSEGV)`. A task that has some is rendered alone.
  std::vector<std::string> crashes = {};
};

/// How one attempt ended, and where.
struct AttemptEnd {
  Outcome outcome = Outcome::kInternal;
  absl::string_view said;            ///< The worker's own message.
  int64_t worker_memory_bytes = 0;   ///< 0: it did not say.
  int64_t largest_memory_bytes = 0;  ///< Of all live workers.
  int iteration = 0;                 ///< The last that was heard of.
  // Read only with Outcome::kCrashed:
  absl::string_view worker = "";
  bool in_company = false;  ///< Others ran in the process that died.
};

struct RetryDecision {
  TaskEvent event = TaskEvent::kSucceed;  ///< kSucceed, kHandBack or kGiveUp.
  bool counts_as_crash = false;           ///< A line more in costs.crashes.
  AttemptCosts costs;                     ///< With this attempt counted.
  std::string message;                    ///< For people; empty on success.
};

/// Judges one more attempt of a task.
/// Succeeded ends the task. Invalid input is never tried again. Preempted, lost
/// and cancelled are interruptions, everything else failures, each tried again
/// up to its limit. Out of memory is tried again where there is more of it,
/// which raises the floor; without such a worker the task fails and the message
/// has the figure. A worker that did not say how much it has makes it a failure
/// as any other. Crashed has a limit of its own; one in company counts against
/// a task that has none yet, and otherwise as an interruption. An attempt that
/// got further than all before it sets the interruptions to zero, and nothing
/// else: what gets on, however often it is interrupted, ends one day.
RetryDecision DecideRetry(AttemptCosts before, const AttemptEnd& end,
                          const RetryLimits& limits = {});

/// Judges an attempt that `before` has as an interruption, and of which it is
/// now known that its worker's process died of it. Its costs stay as they are
/// where that does not count.
RetryDecision DecideLateCrash(AttemptCosts before, const AttemptEnd& end,
                              const RetryLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_RETRY_POLICY_H_
