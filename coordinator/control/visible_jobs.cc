#include "coordinator/control/visible_jobs.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status CheckVisible(const JobRecord& job) {
  if (job.state != JobState::kDeleted) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no job ", job.id.value()));
}

// Asks `list` for pages until there are enough that are visible.
absl::StatusOr<std::vector<JobRecord>> VisibleOf(
    int limit, std::optional<int64_t> before,
    absl::FunctionRef<absl::StatusOr<std::vector<JobRecord>>(
        int limit, std::optional<int64_t> before)>
        list) {
  std::vector<JobRecord> jobs;
  while (static_cast<int>(jobs.size()) < limit) {
    const int wanted = limit - static_cast<int>(jobs.size());
    ASSIGN_OR_RETURN(std::vector<JobRecord> rows, list(wanted, before));
    const bool is_last = static_cast<int>(rows.size()) < wanted;
    for (JobRecord& job : rows) {
      before = job.sequence;
      if (CheckVisible(job).ok()) jobs.push_back(std::move(job));
    }
    if (is_last) break;
  }
  return jobs;
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
  return VisibleOf(limit, before,
                   [&store](int wanted, std::optional<int64_t> below) {
                     return store.ListJobs(wanted, below);
                   });
}

absl::StatusOr<std::vector<JobRecord>> FindJobsOf(
    Store& store, const std::string& owner, int limit,
    std::optional<int64_t> before) {
  return VisibleOf(limit, before,
                   [&](int wanted, std::optional<int64_t> below) {
                     return store.ListJobsOf(owner, wanted, below);
                   });
}

std::string OwnerOf(const JobRecord& job, const JobSpec& spec) {
  return job.owner.empty() ? spec.user : job.owner;
}

// Never empty: nobody's jobs are not everybody's.
std::string ScopeOf(absl::string_view owner) {
  return absl::StrCat("owner ", owner);
}

}  // namespace atelier
