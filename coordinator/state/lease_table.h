// When each lease runs out.
#ifndef ATELIER_COORDINATOR_STATE_LEASE_TABLE_H_
#define ATELIER_COORDINATOR_STATE_LEASE_TABLE_H_

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/ids.h"

namespace atelier {

/// Deadlines by attempt, ordered. A lease has run out at its deadline, not a
/// nanosecond before. Every operation is O(log leases). Thread-compatible.
class LeaseTable {
 public:
  /// Sets the deadline, whether or not the attempt had one.
  void Set(const AttemptToken& token, absl::Time deadline);
  void Release(const AttemptToken& token);
  bool Holds(const AttemptToken& token) const;
  /// Removes and returns those whose deadline is at or before `now`, earliest
  /// first, equal deadlines by token.
  std::vector<AttemptToken> TakeExpired(absl::Time now);

 private:
  std::map<AttemptToken, absl::Time> deadlines_;
  std::set<std::pair<absl::Time, AttemptToken>> order_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_LEASE_TABLE_H_
