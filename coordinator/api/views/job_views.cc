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
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

struct JobPage {
  std::vector<JobRecord> jobs;
  bool is_last = true;
};

// Newest first. A row has its whole spec, so that few are read at once: a page
// ends early at the bytes it may have, not after all that it might have had.
absl::StatusOr<JobPage> ReadPage(ControlPlane& control, const Caller& caller,
                                 int size, std::optional<int64_t> before) {
  constexpr int kRowsAtOnce = 16;
  JobPage page;
  size_t bytes = 0;
  while (true) {
    // One more than asked for tells whether there is another page.
    const int wanted =
        std::min(kRowsAtOnce, size + 1 - static_cast<int>(page.jobs.size()));
    ASSIGN_OR_RETURN(std::vector<JobRecord> rows,
                     control.ListJobs(caller, wanted, before));
    for (JobRecord& row : rows) {
      bytes += row.spec_bytes.size();
      if (static_cast<int>(page.jobs.size()) == size ||
          (!page.jobs.empty() && bytes > kMaxPageBytes)) {
        page.is_last = false;
        return page;
      }
      before = row.sequence;
      page.jobs.push_back(std::move(row));
    }
    if (static_cast<int>(rows.size()) < wanted) return page;
  }
}

}  // namespace

absl::Status ShowJob(ControlPlane& control, const JobRecord& job,
                     v1::Job& view) {
  // Whoever gets the one may know the other.
  ASSIGN_OR_RETURN(const std::vector<Wait> waits,
                   control.WaitsOf(CoordinatorItself(), {job.id}));
  ASSIGN_OR_RETURN(view, ToProto(job, waits.front()));
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
  ASSIGN_OR_RETURN(const JobPage page,
                   ReadPage(control, caller, wanted.size, wanted.start));
  std::vector<JobId> ids;
  for (const JobRecord& job : page.jobs) ids.push_back(job.id);
  // Whoever gets the ones may know the others.
  ASSIGN_OR_RETURN(const std::vector<Wait> waits,
                   control.WaitsOf(CoordinatorItself(), ids));
  for (size_t i = 0; i < page.jobs.size(); ++i) {
    ASSIGN_OR_RETURN(*response.add_jobs(), ToProto(page.jobs[i], waits[i]));
  }
  if (!page.is_last) {
    response.set_next_page_token(absl::StrCat(page.jobs.back().sequence));
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
