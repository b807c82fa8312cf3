#include "coordinator/api/views/job_requests.h"

#include <set>

#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/state/records.h"

namespace atelier {
namespace {

constexpr int kMaxTasksNamed = 1000;
constexpr int kMaxSearch = 128;  // Characters.

absl::Status CheckStates(const v1::ListJobsRequest& from) {
  // Of any number that is given only as many are looked at as there can be.
  std::set<int> seen;
  for (int i = 0; i < from.states_size(); ++i) {
    const v1::JobState state = from.states(i);
    if (!v1::JobState_IsValid(state) || state == v1::JOB_STATE_UNSPECIFIED) {
      return InvalidArgument("states[", i, "]: value ", static_cast<int>(state),
                             " is not allowed; from 1 to ", v1::JobState_MAX);
    }
    if (!seen.insert(state).second) {
      return InvalidArgument("states[", i, "]: ", v1::JobState_Name(state),
                             " is given twice; once is allowed");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckFirstIndex(int64_t first_index) {
  if (first_index >= 0) return absl::OkStatus();
  return InvalidArgument("first_index: ", first_index,
                         " is not allowed; from 0");
}

}  // namespace

absl::Status CheckJobId(const std::string& id) {
  return CheckPrintable("job_id", id, 1, 64);
}

absl::StatusOr<PageRequest> CheckedRequest(const v1::ListJobsRequest& from) {
  PageRequest page;
  ASSIGN_OR_RETURN(page.size, PageSize(from.page_size()));
  ASSIGN_OR_RETURN(page.start, PageStart(from.page_token()));
  RETURN_IF_ERROR(CheckPrintable("search", from.search(), 0, kMaxSearch));
  RETURN_IF_ERROR(CheckStates(from));
  RETURN_IF_ERROR(CheckSlug("user", from.user(), 0));
  return page;
}

absl::StatusOr<PageRequest> CheckedRequest(const v1::ListTasksRequest& from) {
  PageRequest page;
  RETURN_IF_ERROR(CheckJobId(from.job_id()));
  ASSIGN_OR_RETURN(page.size, PageSize(from.page_size()));
  ASSIGN_OR_RETURN(page.start, PageStart(from.page_token()));
  RETURN_IF_ERROR(CheckFirstIndex(from.first_index()));
  if (!page.start.has_value()) page.start = from.first_index();
  return page;
}

absl::StatusOr<PageRequest> CheckedRequest(const v1::PreviewJobRequest& from) {
  PageRequest page;
  ASSIGN_OR_RETURN(page.size, PageSize(from.page_size()));
  RETURN_IF_ERROR(CheckFirstIndex(from.first_index()));
  page.start = from.first_index();
  return page;
}

absl::Status CheckRequest(const v1::RepairJobRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  const int count = request.task_indices_size();
  if (count >= 1 && count <= kMaxTasksNamed) return absl::OkStatus();
  return InvalidArgument("task_indices: ", count, " given; from 1 to ",
                         kMaxTasksNamed);
}

absl::Status CheckRequest(const v1::RetryJobRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  const int count = request.task_indices_size();
  if (count <= kMaxTasksNamed) return absl::OkStatus();
  return InvalidArgument("task_indices: ", count, " given; at most ",
                         kMaxTasksNamed, ", or none for all");
}

absl::Status CheckTaskIndices(const std::set<int64_t>& indices,
                              const JobRecord& job) {
  if (indices.empty() ||
      (*indices.begin() >= 0 && *indices.rbegin() < job.task_count)) {
    return absl::OkStatus();
  }
  return InvalidArgument("task_indices: from ", *indices.begin(), " to ",
                         *indices.rbegin(), " given; job ", job.id.value(),
                         " has the tasks 0 to ", job.task_count - 1);
}

absl::Status CheckRequest(const v1::SetJobPriorityRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  return CheckPriority("priority", request.priority());
}

}  // namespace atelier
