// Requests about ratings, checked, whichever way they come. Errors:
// InvalidArgument, naming the field, what was given and what is allowed.
#ifndef ATELIER_COORDINATOR_API_VIEWS_RATING_REQUESTS_H_
#define ATELIER_COORDINATOR_API_VIEWS_RATING_REQUESTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/api/views/job_requests.h"

namespace atelier {

namespace v1 {
class JudgeTasksRequest;
class ListRatingsRequest;
class StarTaskRequest;
}  // namespace v1

absl::Status CheckRequest(const v1::StarTaskRequest& request);
absl::Status CheckRequest(const v1::JudgeTasksRequest& request);
/// Starts at `first_index` where no token says otherwise.
absl::StatusOr<PageRequest> CheckedRequest(const v1::ListRatingsRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_RATING_REQUESTS_H_
