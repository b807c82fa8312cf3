#include "coordinator/api/views/job_requests.h"

#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"

namespace atelier {
namespace {

constexpr int kMaxRepairs = 1000;

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
  if (count >= 1 && count <= kMaxRepairs) return absl::OkStatus();
  return InvalidArgument("task_indices: ", count, " given; from 1 to ",
                         kMaxRepairs);
}

absl::Status CheckRequest(const v1::SetJobPriorityRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  return CheckPriority("priority", request.priority());
}

}  // namespace atelier
