#include "coordinator/control/visible_jobs.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status CheckVisible(const JobRecord& job) {
  if (job.state != JobState::kDeleted) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no job ", job.id.value()));
}

}  // namespace

absl::StatusOr<JobRecord> FindJob(Store& store, const JobId& id) {
  ASSIGN_OR_RETURN(JobRecord job, store.GetJob(id));
  RETURN_IF_ERROR(CheckVisible(job));
  return job;
}

absl::StatusOr<JobRecord> FindJob(const RecentJobs& recent, Store& store,
                                  const JobId& id) {
  std::optional<JobRecord> job = recent.Find(id);
  if (!job.has_value()) return FindJob(store, id);
  RETURN_IF_ERROR(CheckVisible(*job));
  return *std::move(job);
}

absl::StatusOr<Store::JobTasks> FindTasks(Store& store, const JobId& id,
                                          int64_t first, int limit) {
  ASSIGN_OR_RETURN(Store::JobTasks tasks, store.ListTasks(id, first, limit));
  RETURN_IF_ERROR(CheckVisible(tasks.job));
  return tasks;
}

absl::StatusOr<std::vector<JobRecord>> FindJobs(const RecentJobs& recent,
                                                Store& store, int limit,
                                                std::optional<int64_t> before) {
  std::optional<std::vector<JobRecord>> known = recent.List(limit, before);
  if (known.has_value()) return *std::move(known);
  std::vector<JobRecord> jobs;
  while (static_cast<int>(jobs.size()) < limit) {
    const int wanted = limit - static_cast<int>(jobs.size());
    ASSIGN_OR_RETURN(std::vector<JobRecord> rows,
                     store.ListJobs(wanted, before));
    const bool is_last = static_cast<int>(rows.size()) < wanted;
    for (JobRecord& job : rows) {
      before = job.sequence;
      if (CheckVisible(job).ok()) jobs.push_back(std::move(job));
    }
    if (is_last) break;
  }
  return jobs;
}

}  // namespace atelier
