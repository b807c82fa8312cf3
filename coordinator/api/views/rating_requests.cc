#include "coordinator/api/views/rating_requests.h"

#include <cstdint>
#include <set>

#include "absl/strings/str_join.h"
#include "atelier/v1/ratings.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/state/ratings.h"

namespace atelier {
namespace {

constexpr int kFewestJudged = 2;
constexpr int kMostJudged = 4;

}  // namespace

absl::Status CheckRequest(const v1::StarTaskRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  if (request.task_index() < 0) {
    return InvalidArgument("task_index: ", request.task_index(),
                           " is not allowed; from 0");
  }
  if (request.stars() >= 0 && request.stars() <= kMostStars) {
    return absl::OkStatus();
  }
  return InvalidArgument("stars: ", request.stars(),
                         " is not allowed; from 0 to ", kMostStars);
}

absl::Status CheckRequest(const v1::JudgeTasksRequest& request) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  const int count = request.task_indexes_size();
  if (count < kFewestJudged || count > kMostJudged) {
    return InvalidArgument("task_indexes: ", count, " given; from ",
                           kFewestJudged, " to ", kMostJudged);
  }
  std::set<int64_t> seen;
  for (int i = 0; i < count; ++i) {
    const int64_t index = request.task_indexes(i);
    if (index < 0) {
      return InvalidArgument("task_indexes[", i, "]: ", index,
                             " is not allowed; from 0");
    }
    if (!seen.insert(index).second) {
      return InvalidArgument("task_indexes[", i, "]: ", index,
                             " is given twice; once is allowed");
    }
  }
  if (seen.count(request.worst()) > 0) return absl::OkStatus();
  return InvalidArgument("worst: ", request.worst(),
                         " is not allowed; one of task_indexes, ",
                         absl::StrJoin(seen, ", "));
}

absl::StatusOr<PageRequest> CheckedRequest(const v1::ListRatingsRequest& from) {
  PageRequest page;
  RETURN_IF_ERROR(CheckJobId(from.job_id()));
  ASSIGN_OR_RETURN(page.size, PageSize(from.page_size()));
  ASSIGN_OR_RETURN(page.start, PageStart(from.page_token()));
  if (from.first_index() < 0) {
    return InvalidArgument("first_index: ", from.first_index(),
                           " is not allowed; from 0");
  }
  if (!page.start.has_value()) page.start = from.first_index();
  return page;
}

}  // namespace atelier
