// Jobs as callers may see them: without those that are being removed.
#ifndef ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_
#define ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/control/recent_jobs.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"
#include "coordinator/store/store.h"

namespace atelier {

/// Errors: NotFound, and the store's.
absl::StatusOr<JobRecord> FindJob(Store& store, const JobId& id);
/// The same, without asking the store for one of the recent.
absl::StatusOr<JobRecord> FindJob(const RecentJobs& recent, Store& store,
                                  const JobId& id);

/// As Store::ListTasks. Errors: NotFound, and the store's.
absl::StatusOr<Store::JobTasks> FindTasks(Store& store, const JobId& id,
                                          int64_t first, int limit);

/// As Store::ListJobs. Fewer than `limit` only where there are no more.
absl::StatusOr<std::vector<JobRecord>> FindJobs(const RecentJobs& recent,
                                                Store& store, int limit,
                                                std::optional<int64_t> before);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_
