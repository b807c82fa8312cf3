// Requests about jobs, checked, whichever way they come. Errors:
// InvalidArgument, naming the field, what was given and what is allowed.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_REQUESTS_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_REQUESTS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

struct JobRecord;
namespace v1 {
class ListJobsRequest;
class ListTasksRequest;
class PreviewJobRequest;
class RepairJobRequest;
class RetryJobRequest;
class SetJobPriorityRequest;
}  // namespace v1

/// The id of a job in a request.
absl::Status CheckJobId(const std::string& id);

/// What part of a list is wanted.
struct PageRequest {
  int size = 0;
  std::optional<int64_t> start;  ///< Nothing: from the list's beginning.
};

absl::StatusOr<PageRequest> CheckedRequest(const v1::ListJobsRequest& from);
/// Starts at `first_index` where no token says otherwise.
absl::StatusOr<PageRequest> CheckedRequest(const v1::ListTasksRequest& from);
/// Of its page alone. Starts at `first_index`.
absl::StatusOr<PageRequest> CheckedRequest(const v1::PreviewJobRequest& from);
absl::Status CheckRequest(const v1::RepairJobRequest& request);
absl::Status CheckRequest(const v1::RetryJobRequest& request);
/// Whether the job has all of these tasks.
absl::Status CheckTaskIndices(const std::set<int64_t>& indices,
                              const JobRecord& job);
absl::Status CheckRequest(const v1::SetJobPriorityRequest& request);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_REQUESTS_H_
