#include "coordinator/api/views/rating_views.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/ratings.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/rating_requests.h"
#include "coordinator/control/ratings.h"

namespace atelier {
namespace {

void ShowRating(const TaskRating& from, v1::TaskRating& to) {
  to.set_task_index(from.task_index);
  if (from.people > 0) {
    to.set_mean_stars(static_cast<double>(from.star_sum) /
                      static_cast<double>(from.people));
  }
  to.set_people(static_cast<int>(from.people));
  to.set_own_stars(static_cast<int>(from.own_stars));
  to.set_times_shown(static_cast<int>(from.times_shown));
  to.set_times_worst(static_cast<int>(from.times_worst));
}

}  // namespace

absl::Status StarTask(ControlPlane& control, const Caller& caller,
                      const v1::StarTaskRequest& request,
                      v1::TaskRating& response) {
  RETURN_IF_ERROR(CheckRequest(request));
  ASSIGN_OR_RETURN(const TaskRating rating,
                   control.ratings().Star(
                       caller, {JobId(request.job_id()), request.task_index()},
                       request.stars()));
  ShowRating(rating, response);
  return absl::OkStatus();
}

absl::Status JudgeTasks(ControlPlane& control, const Caller& caller,
                        const v1::JudgeTasksRequest& request,
                        v1::JudgeTasksResponse& response) {
  RETURN_IF_ERROR(CheckRequest(request));
  ASSIGN_OR_RETURN(const std::vector<TaskRating> ratings,
                   control.ratings().Judge(caller, JobId(request.job_id()),
                                           {request.task_indexes().begin(),
                                            request.task_indexes().end()},
                                           request.worst()));
  for (const TaskRating& one : ratings) {
    ShowRating(one, *response.add_ratings());
  }
  return absl::OkStatus();
}

absl::Status ListRatings(ControlPlane& control, const Caller& caller,
                         const v1::ListRatingsRequest& request,
                         v1::ListRatingsResponse& response) {
  ASSIGN_OR_RETURN(const PageRequest page, CheckedRequest(request));
  ASSIGN_OR_RETURN(const std::vector<TaskRating> ratings,
                   control.ratings().List(
                       caller, JobId(request.job_id()), page.start.value_or(0),
                       std::numeric_limits<int64_t>::max(), page.size + 1));
  for (const TaskRating& one : ratings) {
    if (response.ratings_size() == page.size) {
      response.set_next_page_token(absl::StrCat(one.task_index));
      break;
    }
    ShowRating(one, *response.add_ratings());
  }
  return absl::OkStatus();
}

}  // namespace atelier
