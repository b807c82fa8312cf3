// When to call the coordinator next, and when to give up.
#ifndef ATELIER_WORKER_AGENT_SYNC_PACE_H_
#define ATELIER_WORKER_AGENT_SYNC_PACE_H_

#include <cstdint>
#include <random>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/backoff.h"

namespace atelier {

struct SyncPaceOptions {
  /// Waits while the coordinator is away double from one to the other; to half
  /// of what it last asked for between calls, where that is less. It asks for
  /// at most half a lease, so that whoever renders is back well before its
  /// leases run out.
  absl::Duration first_wait = absl::Milliseconds(200);
  absl::Duration most_wait = absl::Seconds(1);
  /// How long another worker may hold this one's name. A worker that was
  /// killed and started again has to wait until its old self's lease runs out.
  absl::Duration name_patience = absl::Minutes(2);
};

/// How the conversation stands; each change is worth one line in the log.
/// kUnknown: the coordinator wants a token that this worker has not shown.
enum class Link { kNew, kConnected, kAway, kNameTaken, kUnknown };

/// Thread-compatible.
class SyncPace {
 public:
  SyncPace(const SyncPaceOptions& options, uint64_t seed);

  /// The wait that the answer asks for, within reason.
  absl::Duration AfterAnswer(const v1::SynchronizeResponse& response);
  /// The wait before the next try.
  /// Errors: `failure` itself where no try can do better: InvalidArgument,
  ///         AlreadyExists after `name_patience`, and, before any answer, what
  ///         says that there is no coordinator for us (Unimplemented,
  ///         PermissionDenied, a server that is not trusted). Later these come
  ///         from whatever stands in for it while it is away, as a proxy does.
  ///         One that does not know who calls ends nothing: a token may come.
  ///         One that says when to come back is there, and is asked then.
  absl::StatusOr<absl::Duration> AfterFailure(const absl::Status& failure,
                                              absl::Time now);
  Link link() const { return link_; }
  /// Whether to say now where a token is looked for: at once when the
  /// coordinator does not know us, and then once a minute. One true a time.
  bool TokenHintDue(absl::Time now);

 private:
  void BoundWaits(absl::Duration asked);

  const SyncPaceOptions options_;
  std::mt19937_64 seeds_;
  absl::Duration most_wait_;
  Backoff backoff_;
  bool was_answered_ = false;
  Link link_ = Link::kNew;
  absl::Time name_taken_since_;
  absl::Time next_token_hint_ = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_SYNC_PACE_H_
