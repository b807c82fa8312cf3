#include "worker/agent/sync_pace.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"

namespace atelier {
namespace {

// Bounds on what a coordinator may ask: neither a busy loop nor silence for
// longer than any sensible lease.
constexpr absl::Duration kLeastWait = absl::Milliseconds(5);
constexpr absl::Duration kMostWait = absl::Seconds(30);

}  // namespace

SyncPace::SyncPace(const SyncPaceOptions& options, uint64_t seed)
    : options_(options),
      backoff_(options.first_wait, options.most_wait, seed) {}

absl::Duration SyncPace::AfterAnswer(const v1::SynchronizeResponse& response) {
  link_ = Link::kConnected;
  backoff_.Reset();
  const absl::Duration asked = absl::Milliseconds(
      google::protobuf::util::TimeUtil::DurationToMilliseconds(
          response.call_again_after()));
  return std::clamp(asked, kLeastWait, kMostWait);
}

absl::StatusOr<absl::Duration> SyncPace::AfterFailure(
    const absl::Status& failure, absl::Time now) {
  switch (failure.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return failure;
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

}  // namespace atelier
