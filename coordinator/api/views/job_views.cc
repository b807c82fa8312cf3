#include "coordinator/api/views/job_views.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_filter.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

// A row has its whole spec, so that few are read at once: a page ends early at
// the bytes it may have, not after all that it might have had.
constexpr int kRowsAtOnce = 16;
// What one call looks at for a page of a search. The next goes on there.
constexpr int kMostRowsSearched = 2000;
constexpr size_t kMostBytesSearched = size_t{32} << 20;

struct JobPage {
  std::vector<JobRecord> jobs;
  std::optional<int64_t> next;  // Where the next one starts, if there may be.
};

// Of the rows those that match, as far as they are told apart.
absl::StatusOr<std::vector<JobRecord>> Matching(ControlPlane& control,
                                                const JobFilter& filter,
                                                std::vector<JobRecord> rows) {
  if (filter.takes_all()) return rows;
  rows.erase(std::remove_if(
                 rows.begin(), rows.end(),
                 [&](const JobRecord& row) { return !filter.MayMatch(row); }),
             rows.end());
  if (!filter.depends_on_waits() || rows.empty()) return rows;
  std::vector<JobId> ids;
  for (const JobRecord& row : rows) ids.push_back(row.id);
  // Whoever gets the ones may know the others.
  ASSIGN_OR_RETURN(const std::vector<JobOutlook> outlooks,
                   control.OutlooksOf(CoordinatorItself(), ids));
  std::vector<JobRecord> matching;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!filter.MatchesState(rows[i], outlooks[i].wait)) continue;
    matching.push_back(std::move(rows[i]));
  }
  return matching;
}

// Newest first.
absl::StatusOr<JobPage> ReadPage(ControlPlane& control, const Caller& caller,
                                 const PageRequest& request,
                                 const JobFilter& filter) {
  JobPage page;
  std::optional<int64_t> before = request.start;
  size_t bytes = 0;
  int rows_searched = 0;
  size_t bytes_searched = 0;
  while (true) {
    // One more than asked for tells whether there is another page.
    const int left = request.size + 1 - static_cast<int>(page.jobs.size());
    const int wanted =
        filter.takes_all() ? std::min(kRowsAtOnce, left) : kRowsAtOnce;
    ASSIGN_OR_RETURN(std::vector<JobRecord> rows,
                     control.ListJobs(caller, wanted, before));
    const bool are_last = static_cast<int>(rows.size()) < wanted;
    rows_searched += static_cast<int>(rows.size());
    for (const JobRecord& row : rows) bytes_searched += row.spec_bytes.size();
    const std::optional<int64_t> end =
        rows.empty() ? before : rows.back().sequence;
    ASSIGN_OR_RETURN(rows, Matching(control, filter, std::move(rows)));
    for (JobRecord& row : rows) {
      bytes += row.spec_bytes.size();
      if (static_cast<int>(page.jobs.size()) == request.size ||
          (!page.jobs.empty() && bytes > kMaxPageBytes)) {
        page.next = page.jobs.back().sequence;
        return page;
      }
      page.jobs.push_back(std::move(row));
    }
    if (are_last) return page;
    before = end;
    if (!filter.takes_all() && (rows_searched >= kMostRowsSearched ||
                                bytes_searched >= kMostBytesSearched)) {
      page.next = before;
      return page;
    }
  }
}

}  // namespace

absl::Status ShowJob(ControlPlane& control, const JobRecord& job,
                     v1::Job& view) {
  // Whoever gets the one may know the other.
  ASSIGN_OR_RETURN(const std::vector<JobOutlook> outlooks,
                   control.OutlooksOf(CoordinatorItself(), {job.id}));
  ASSIGN_OR_RETURN(view, ToProto(job, outlooks.front()));
  return absl::OkStatus();
}

absl::Status GetJob(ControlPlane& control, const Caller& caller,
                    const v1::GetJobRequest& request, v1::Job& response) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  ASSIGN_OR_RETURN(const JobRecord job,
                   control.GetJob(caller, JobId(request.job_id())));
  return ShowJob(control, job, response);
}

absl::Status ListJobs(ControlPlane& control, const Caller& caller,
                      const v1::ListJobsRequest& request,
                      v1::ListJobsResponse& response) {
  ASSIGN_OR_RETURN(const PageRequest wanted, CheckedRequest(request));
  const JobFilter filter(request);
  ASSIGN_OR_RETURN(const JobPage page,
                   ReadPage(control, caller, wanted, filter));
  std::vector<JobId> ids;
  for (const JobRecord& job : page.jobs) ids.push_back(job.id);
  // Whoever gets the ones may know the others.
  ASSIGN_OR_RETURN(const std::vector<JobOutlook> outlooks,
                   control.OutlooksOf(CoordinatorItself(), ids));
  for (size_t i = 0; i < page.jobs.size(); ++i) {
    // What is shown is what was asked for, also of one that has begun since.
    if (!filter.MatchesState(page.jobs[i], outlooks[i].wait)) continue;
    ASSIGN_OR_RETURN(*response.add_jobs(), ToProto(page.jobs[i], outlooks[i]));
  }
  if (page.next.has_value()) {
    response.set_next_page_token(absl::StrCat(*page.next));
  }
  return absl::OkStatus();
}

absl::Status ListTasks(ControlPlane& control, const Caller& caller,
                       const v1::ListTasksRequest& request,
                       v1::ListTasksResponse& response) {
  ASSIGN_OR_RETURN(const PageRequest wanted, CheckedRequest(request));
  ASSIGN_OR_RETURN(const TaskPage page,
                   control.ListTasks(caller, JobId(request.job_id()),
                                     wanted.start.value_or(0), wanted.size));
  size_t bytes = 0;
  for (const TaskView& task : page.tasks) {
    v1::Task proto = ToProto(task);
    bytes += proto.ByteSizeLong();
    if (response.tasks_size() > 0 && bytes > kMaxPageBytes) {
      response.set_next_page_token(absl::StrCat(task.index));
      return absl::OkStatus();
    }
    *response.add_tasks() = std::move(proto);
  }
  if (page.next_index.has_value()) {
    response.set_next_page_token(absl::StrCat(*page.next_index));
  }
  return absl::OkStatus();
}

absl::Status ListAttempts(ControlPlane& control, const Caller& caller,
                          const v1::ListAttemptsRequest& request,
                          v1::ListAttemptsResponse& response) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  ASSIGN_OR_RETURN(const std::vector<AttemptRecord> attempts,
                   control.ListAttempts(caller, {JobId(request.job_id()),
                                                 request.task_index()}));
  for (const AttemptRecord& attempt : attempts) {
    *response.add_attempts() = ToProto(attempt);
  }
  return absl::OkStatus();
}

}  // namespace atelier
