// Jobs as callers may see them: without those that are being removed.
#ifndef ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_
#define ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/control/recent_jobs.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
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

/// As Store::ListJobsOf. Fewer than `limit` only where there are no more.
absl::StatusOr<std::vector<JobRecord>> FindJobsOf(
    Store& store, const std::string& owner, int limit,
    std::optional<int64_t> before);

/// Whose a job is: that of an earlier version has none but its spec's user.
std::string OwnerOf(const JobRecord& job, const JobSpec& spec);

/// JobSpec::scope of an owner's jobs where jobs are private.
std::string ScopeOf(absl::string_view owner);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_VISIBLE_JOBS_H_
