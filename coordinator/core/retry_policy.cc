#include "coordinator/core/retry_policy.h"

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

}  // namespace

RetryDecision DecideRetry(AttemptCosts before, Outcome outcome,
                          absl::string_view said, const RetryLimits& limits) {
  RetryDecision decision;
  decision.costs = before;
  if (outcome == Outcome::kSucceeded) return decision;

  decision.event = TaskEvent::kHandBack;
  decision.message = Told(outcome, said);
  if (outcome == Outcome::kInvalidInput) {
    ++decision.costs.failures;
    decision.event = TaskEvent::kGiveUp;
  } else if (IsInterruption(outcome)) {
    if (++decision.costs.interruptions > limits.max_interruptions) {
      decision.event = TaskEvent::kGiveUp;
      absl::StrAppend(&decision.message, " (interrupted ",
                      decision.costs.interruptions, " times)");
    }
  } else if (++decision.costs.failures >= limits.max_failures) {
    decision.event = TaskEvent::kGiveUp;
    absl::StrAppend(&decision.message, " (failed ", decision.costs.failures,
                    " times)");
  }
  return decision;
}

}  // namespace atelier
