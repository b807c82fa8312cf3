// What people think of pictures, given and shown, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_RATING_VIEWS_H_
#define ATELIER_COORDINATOR_API_VIEWS_RATING_VIEWS_H_

#include "absl/status/status.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

namespace v1 {
class JudgeTasksRequest;
class JudgeTasksResponse;
class ListRatingsRequest;
class ListRatingsResponse;
class StarTaskRequest;
class TaskRating;
}  // namespace v1

// The calls of ratings.proto with these names. Each waits for the store.
// Errors: InvalidArgument, NotFound, PermissionDenied, ResourceExhausted,
// Unavailable.

absl::Status StarTask(ControlPlane& control, const Caller& caller,
                      const v1::StarTaskRequest& request,
                      v1::TaskRating& response);
absl::Status JudgeTasks(ControlPlane& control, const Caller& caller,
                        const v1::JudgeTasksRequest& request,
                        v1::JudgeTasksResponse& response);
absl::Status ListRatings(ControlPlane& control, const Caller& caller,
                         const v1::ListRatingsRequest& request,
                         v1::ListRatingsResponse& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_RATING_VIEWS_H_
