#include "coordinator/state/retry_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr size_t kMaxCrashBytes = 400;  // They are stored with the task.

// Whoever has been in bad company once is rendered alone; where a task joined
// an attempt of another's, that one is the suspect.
bool CountsAsCrash(const AttemptCosts& before, const AttemptEnd& end) {
  return !end.in_company || before.crashes.empty();
}

bool IsInterruption(Outcome outcome) {
  return outcome == Outcome::kPreempted || outcome == Outcome::kLost ||
         outcome == Outcome::kCancelled;
}

std::string Told(Outcome outcome, absl::string_view said) {
  if (said.empty()) return std::string(Name(outcome));
  return absl::StrCat(Name(outcome), ": ", said);
}

std::string ToldOfCompany(const AttemptEnd& end) {
  return absl::StrCat(Told(end.outcome, end.said),
                      " (not counted: others ran in the same process)");
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

std::string CrashLine(const AttemptEnd& end) {
  return ClippedText(
      absl::StrCat("\"", end.worker,
                   "\": ", end.said.empty() ? "without a word" : end.said),
      kMaxCrashBytes);
}

void JudgeCrash(const AttemptEnd& end, const RetryLimits& limits,
                RetryDecision& decision) {
  std::vector<std::string>& crashes = decision.costs.crashes;
  crashes.push_back(CrashLine(end));
  decision.message =
      absl::StrCat("crashed the worker ", absl::StrJoin(crashes, "; "));
  if (static_cast<int>(crashes.size()) < limits.max_crashes) return;
  decision.event = TaskEvent::kGiveUp;
  absl::StrAppend(&decision.message, " (crashed ", crashes.size(), " times)");
}

}  // namespace

RetryDecision DecideRetry(AttemptCosts before, const AttemptEnd& end,
                          const RetryLimits& limits) {
  RetryDecision decision;
  decision.costs = before;
  if (end.outcome == Outcome::kSucceeded) return decision;

  if (end.iteration > before.furthest_iteration) {
    decision.costs.furthest_iteration = end.iteration;
    decision.costs.interruptions = 0;
  }
  decision.event = TaskEvent::kHandBack;
  const bool crashed = end.outcome == Outcome::kCrashed;
  decision.counts_as_crash = crashed && CountsAsCrash(before, end);
  const bool in_company = crashed && !decision.counts_as_crash;
  decision.message =
      in_company ? ToldOfCompany(end) : Told(end.outcome, end.said);
  if (end.outcome == Outcome::kInvalidInput) {
    ++decision.costs.failures;
    decision.event = TaskEvent::kGiveUp;
  } else if (in_company || IsInterruption(end.outcome)) {
    if (++decision.costs.interruptions > limits.max_interruptions) {
      decision.event = TaskEvent::kGiveUp;
      absl::StrAppend(&decision.message, " (interrupted ",
                      decision.costs.interruptions, " times)");
    }
  } else if (end.outcome == Outcome::kOutOfMemory &&
             end.worker_memory_bytes > 0) {
    JudgeMemory(end, decision);
  } else if (crashed) {
    JudgeCrash(end, limits, decision);
  } else if (++decision.costs.failures >= limits.max_failures) {
    decision.event = TaskEvent::kGiveUp;
    absl::StrAppend(&decision.message, " (failed ", decision.costs.failures,
                    " times)");
  }
  return decision;
}

RetryDecision DecideLateCrash(AttemptCosts before, const AttemptEnd& end,
                              const RetryLimits& limits) {
  RetryDecision decision;
  decision.event = TaskEvent::kHandBack;
  decision.counts_as_crash = CountsAsCrash(before, end);
  decision.costs = std::move(before);
  if (!decision.counts_as_crash) {
    decision.message = ToldOfCompany(end);
    return decision;
  }
  decision.costs.interruptions = std::max(0, decision.costs.interruptions - 1);
  JudgeCrash(end, limits, decision);
  return decision;
}

}  // namespace atelier
