#include "worker/agent/sync_pace.h"

#include <algorithm>

#include "common/retry_after.h"
#include "common/rpc/denial.h"

namespace atelier {
namespace {

// Bounds on what a coordinator may ask: neither a busy loop nor silence for
// longer than any sensible lease.
constexpr absl::Duration kLeastWait = absl::Milliseconds(5);
constexpr absl::Duration kMostWait = absl::Seconds(30);
constexpr absl::Duration kBetweenTokenHints = absl::Minutes(1);

}  // namespace

SyncPace::SyncPace(const SyncPaceOptions& options, uint64_t seed)
    : options_(options),
      seeds_(seed),
      most_wait_(options.most_wait),
      backoff_(options.first_wait, options.most_wait, seed) {}

absl::Duration SyncPace::AfterAnswer(const v1::SynchronizeResponse& response) {
  link_ = Link::kConnected;
  was_answered_ = true;
  next_token_hint_ = absl::InfinitePast();
  backoff_.Reset();
  const absl::Duration asked =
      absl::Seconds(response.call_again_after().seconds()) +
      absl::Nanoseconds(response.call_again_after().nanos());
  if (asked > absl::ZeroDuration()) BoundWaits(asked);
  return std::clamp(asked, kLeastWait, kMostWait);
}

void SyncPace::BoundWaits(absl::Duration asked) {
  const absl::Duration most =
      std::max(options_.first_wait, std::min(options_.most_wait, asked / 2));
  if (most == most_wait_) return;
  most_wait_ = most;
  backoff_ = Backoff(options_.first_wait, most, seeds_());
}

absl::StatusOr<absl::Duration> SyncPace::AfterFailure(
    const absl::Status& failure, absl::Time now) {
  if (absl::IsUnauthenticated(failure) && IsDenial(failure)) {
    link_ = Link::kUnknown;
    return backoff_.Next();
  }
  if (const auto wait = RetryAfterOf(failure); wait.has_value()) {
    link_ = Link::kConnected;
    return std::clamp(*wait, kLeastWait, kMostWait) + backoff_.Next();
  }
  switch (failure.code()) {
    case absl::StatusCode::kInvalidArgument:
      return failure;
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      if (!was_answered_) return failure;
      link_ = Link::kAway;
      break;
    case absl::StatusCode::kAlreadyExists:
      if (link_ != Link::kNameTaken) name_taken_since_ = now;
      if (now - name_taken_since_ > options_.name_patience) return failure;
      link_ = Link::kNameTaken;
      break;
    default:
      link_ = Link::kAway;
  }
  return backoff_.Next();
}

bool SyncPace::TokenHintDue(absl::Time now) {
  if (link_ != Link::kUnknown || now < next_token_hint_) return false;
  next_token_hint_ = now + kBetweenTokenHints;
  return true;
}

}  // namespace atelier
