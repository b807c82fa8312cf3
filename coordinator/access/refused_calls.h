// Addresses that call without a valid token, again and again.
#ifndef ATELIER_COORDINATOR_ACCESS_REFUSED_CALLS_H_
#define ATELIER_COORDINATOR_ACCESS_REFUSED_CALLS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/lru_map.h"

namespace atelier {

/// Counts by address; forgets those that were quiet for longest. So that one
/// who guesses is not answered as fast as he asks. Thread-compatible.
class RefusedCalls {
 public:
  static constexpr int kMostInAWindow = 20;
  static constexpr absl::Duration kWindow = absl::Minutes(1);
  static constexpr int kMostAddresses = 10'000;

  /// Another call is refused. Returns how long the address should wait, if it
  /// has made too many.
  std::optional<absl::Duration> Count(const std::string& address,
                                      absl::Time now);

 private:
  struct Window {
    absl::Time began;
    int calls = 0;
  };
  LruMap<Window> by_address_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_REFUSED_CALLS_H_
