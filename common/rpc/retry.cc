#include "common/rpc/retry.h"

#include <random>
#include <utility>

#include "common/clock.h"
#include "common/retry_after.h"
#include "common/rpc/denial.h"

namespace atelier {

bool IsSafeToRepeat(const absl::Status& status) {
  return absl::IsUnavailable(status) || RetryAfterOf(status).has_value();
}

RetrySchedule::RetrySchedule(const RetryPolicy& policy, absl::Time start,
                             uint64_t seed)
    : policy_(policy),
      give_up_at_(start + policy.give_up_after),
      backoff_(policy.first_wait, policy.most_wait, seed) {}

std::optional<absl::Duration> RetrySchedule::WaitAfter(
    const absl::Status& status, absl::Time now) {
  // A call that was made while nobody listened may have gone without a token
  // that it would have now (TokenSource).
  const bool may_get_a_token =
      absl::IsUnauthenticated(status) &&
      (policy_.awaits_token ||
       (IsDenial(status) && !std::exchange(was_denied_, true)));
  if (!IsSafeToRepeat(status) && !may_get_a_token) return std::nullopt;
  // Callers that were refused together do not come back together.
  const absl::Duration wait =
      RetryAfterOf(status).value_or(absl::ZeroDuration()) + backoff_.Next();
  if (now + wait > give_up_at_) return std::nullopt;
  return wait;
}

void RetrySchedule::Progressed(absl::Time now) {
  give_up_at_ = now + policy_.give_up_after;
  backoff_.Reset();
  was_denied_ = false;
}

absl::Status CallWithRetry(const RetryPolicy& policy, const StopSignal& stop,
                           absl::FunctionRef<absl::Status()> call) {
  RetrySchedule schedule(policy, Clock::Steady().Now(), std::random_device{}());
  while (true) {
    const absl::Status status = call();
    if (status.ok()) return status;
    const auto wait = schedule.WaitAfter(status, Clock::Steady().Now());
    if (!wait) return status;
    if (stop.WaitFor(*wait)) return absl::CancelledError("told to stop");
  }
}

}  // namespace atelier
