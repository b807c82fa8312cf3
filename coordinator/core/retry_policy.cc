#include "coordinator/core/retry_policy.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

bool IsInterruption(Outcome outcome) {
  return outcome == Outcome::kPreempted || outcome == Outcome::kLost ||
         outcome == Outcome::kCancelled;
}

std::string Told(Outcome outcome, absl::string_view said) {
  if (said.empty()) return std::string(Name(outcome));
  return absl::StrCat(Name(outcome), ": ", said);
}

void JudgeMemory(const AttemptEnd& end, RetryDecision& decision) {
  decision.costs.memory_floor_bytes =
      std::max(decision.costs.memory_floor_bytes, end.worker_memory_bytes);
  if (end.largest_memory_bytes > end.worker_memory_bytes) return;
  decision.event = TaskEvent::kGiveUp;
  absl::StrAppend(&decision.message, " (needs more than ",
                  end.worker_memory_bytes,
                  " bytes, and no live worker has more)");
}

}  // namespace

RetryDecision DecideRetry(AttemptCosts before, const AttemptEnd& end,
                          const RetryLimits& limits) {
  RetryDecision decision;
  decision.costs = before;
  if (end.outcome == Outcome::kSucceeded) return decision;

  decision.event = TaskEvent::kHandBack;
  decision.message = Told(end.outcome, end.said);
  if (end.outcome == Outcome::kInvalidInput) {
    ++decision.costs.failures;
    decision.event = TaskEvent::kGiveUp;
  } else if (IsInterruption(end.outcome)) {
    if (++decision.costs.interruptions > limits.max_interruptions) {
      decision.event = TaskEvent::kGiveUp;
      absl::StrAppend(&decision.message, " (interrupted ",
                      decision.costs.interruptions, " times)");
    }
  } else if (end.outcome == Outcome::kOutOfMemory &&
             end.worker_memory_bytes > 0) {
    JudgeMemory(end, decision);
  } else if (++decision.costs.failures >= limits.max_failures) {
    decision.event = TaskEvent::kGiveUp;
    absl::StrAppend(&decision.message, " (failed ", decision.costs.failures,
                    " times)");
  }
  return decision;
}

}  // namespace atelier
