// The newest jobs as the store has them, so that whoever looks waits for no
// disk.
#ifndef ATELIER_COORDINATOR_CONTROL_RECENT_JOBS_H_
#define ATELIER_COORDINATOR_CONTROL_RECENT_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// A bounded copy of durable rows, without a gap: of the jobs at or above some
/// sequence it has all. Deleted ones are among them. Thread-safe.
class RecentJobs {
 public:
  struct Bounds {
    size_t jobs = 1000;
    int64_t bytes = int64_t{64} << 20;  ///< Of their rows, about.
  };

  RecentJobs() : RecentJobs(Bounds()) {}
  explicit RecentJobs(const Bounds& bounds) : bounds_(bounds) {}

  /// The next page of what Store::ListJobs says, from the newest on.
  /// `are_last`: there are no older ones. Returns whether it takes more.
  bool LoadOlder(std::vector<JobRecord> newest_first, bool are_last);
  /// These are durable now. No effect until LoadOlder.
  void Apply(const RowChanges& changes);
  /// What the store has is not known.
  void Clear();

  /// Nothing: it is in the store, if it is anywhere.
  std::optional<JobRecord> Find(const JobId& id) const;

  /// Newest first: at most `limit` jobs with a sequence below `before`, without
  /// those that are deleted. Nothing: some may be in the store only.
  std::optional<std::vector<JobRecord>> List(
      int limit, std::optional<int64_t> before) const;

 private:
  void Put(JobRecord row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Erase(const JobId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void KeepWithinBounds() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Bounds bounds_;
  mutable absl::Mutex mu_;
  bool loaded_ ABSL_GUARDED_BY(mu_) = false;
  bool has_all_ ABSL_GUARDED_BY(mu_) = false;  // The store has no older ones.
  std::map<int64_t, JobRecord> jobs_ ABSL_GUARDED_BY(mu_);  // By sequence.
  std::map<JobId, int64_t> sequences_ ABSL_GUARDED_BY(mu_);
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_RECENT_JOBS_H_
