// Which failed calls are worth repeating, and when.
//
//   absl::Status done = CallWithRetry(RetryPolicy{}, stop, [&] {
//     grpc::ClientContext context;
//     return FromGrpc(stub->GetJob(&context, request, &job));
//   });
#ifndef ATELIER_COMMON_RPC_RETRY_H_
#define ATELIER_COMMON_RPC_RETRY_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/backoff.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// Whether the same call may succeed later, and repeating it is harmless:
/// Unavailable (nobody there, connection lost, starting or stopping), or a
/// refusal that says when to come back (retry_after.h). Every call of the
/// contract may be repeated.
bool IsSafeToRepeat(const absl::Status& status);

/// Waits double from `first_wait` to `most_wait`, with jitter, and begin when a
/// refusal says that the call may come back.
struct RetryPolicy {
  absl::Duration first_wait = absl::Milliseconds(100);
  absl::Duration most_wait = absl::Seconds(5);
  /// No try begins later than this after the first, or after progress.
  absl::Duration give_up_after = absl::Seconds(30);
  /// Also repeats what a server denied for want of a token that it knows: one
  /// may come.
  bool awaits_token = false;
};

/// The decisions of a retry loop, without the waiting. Thread-compatible.
class RetrySchedule {
 public:
  RetrySchedule(const RetryPolicy& policy, absl::Time start, uint64_t seed);

  /// How long to wait before the next try; nothing when `status` is final, or
  /// the time is over.
  std::optional<absl::Duration> WaitAfter(const absl::Status& status,
                                          absl::Time now);
  /// A try got somewhere before it failed: patience and waits begin anew.
  void Progressed(absl::Time now);

 private:
  RetryPolicy policy_;
  absl::Time give_up_at_;
  Backoff backoff_;
  bool was_denied_ = false;  // For want of a token, once.
};

/// Calls until it succeeds, fails for good, time is over or `stop` is given.
/// Returns: the last status of `call`; Cancelled if stopped between tries.
absl::Status CallWithRetry(const RetryPolicy& policy, const StopSignal& stop,
                           absl::FunctionRef<absl::Status()> call);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_RETRY_H_
