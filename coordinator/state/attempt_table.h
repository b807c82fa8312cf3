// The attempts that run, which render each does, and until when it has the
// right to.
#ifndef ATELIER_COORDINATOR_STATE_ATTEMPT_TABLE_H_
#define ATELIER_COORDINATOR_STATE_ATTEMPT_TABLE_H_

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/attempt.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/lease_table.h"

namespace atelier {

/// Every operation is O(log attempts). Thread-compatible.
class AttemptTable {
 public:
  /// The attempt of this token, which begins if it is not here yet. Its lease
  /// runs out at `deadline`.
  Attempt& Begin(const AttemptToken& token, absl::Time deadline);
  /// Null when no such attempt runs.
  Attempt* Find(const AttemptToken& token);
  const Attempt* Find(const AttemptToken& token) const;
  /// REQUIRES: it runs; as Extend and End.
  Attempt& At(const AttemptToken& token) { return attempts_.at(token); }
  const Attempt& At(const AttemptToken& token) const {
    return attempts_.at(token);
  }
  void Extend(const AttemptToken& token, absl::Time deadline);
  Attempt End(const AttemptToken& token);
  int size() const { return static_cast<int>(attempts_.size()); }

  /// Those that do this render.
  const std::set<AttemptToken>& Of(const RenderKey& render) const;
  /// One of these, whose arithmetic is of this version and fits.
  std::optional<AttemptToken> FindFor(const RenderKey& render,
                                      int engine_version,
                                      const WorkerNeeds& needs) const;
  /// Those whose lease runs out at `now` or did before, earliest first. They
  /// run on until End.
  std::vector<AttemptToken> TakeExpired(absl::Time now) {
    return leases_.TakeExpired(now);
  }
  void Clear() { *this = AttemptTable(); }

 private:
  std::map<AttemptToken, Attempt> attempts_;
  std::map<RenderKey, std::set<AttemptToken>> by_render_;
  LeaseTable leases_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ATTEMPT_TABLE_H_
