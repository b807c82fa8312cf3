// How long whoever fails to say who it is waits for the answer.
#ifndef ATELIER_COORDINATOR_ACCESS_FAILED_CALLERS_H_
#define ATELIER_COORDINATOR_ACCESS_FAILED_CALLERS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/lru_map.h"

namespace atelier {

/// Failures by network (NetworkOf). The first few are answered at once, the
/// next later and later; each is forgiven after a time. Of networks, those that
/// failed last are remembered. Thread-compatible.
class FailedCallers {
 public:
  /// A typo, or a client that looks for its token.
  static constexpr int kAtOnce = 8;
  static constexpr absl::Duration kFirstWait = absl::Microseconds(62'500);
  static constexpr absl::Duration kMostWait = absl::Seconds(2);
  static constexpr absl::Duration kForgivenAfter = absl::Seconds(10);
  /// Failures that count, so that quiet ends the waits within minutes.
  static constexpr int kMostFailures = 15;
  static constexpr int64_t kMostNetworks = 10'000;

  /// Counts a failure; returns how long its answer waits.
  absl::Duration Fail(const std::string& network, absl::Time now);

  int64_t networks() const { return forgiven_at_.size_bytes(); }

 private:
  LruMap<absl::Time> forgiven_at_;  // All of its failures; each of size 1.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_FAILED_CALLERS_H_
