// What people think of a job's pictures: checked, and kept in the store. None
// of it concerns what runs, so the loop that decides knows nothing of it.
//
//   ASSIGN_OR_RETURN(TaskRating now, control.ratings().Star(caller, task, 4));
#ifndef ATELIER_COORDINATOR_CONTROL_RATINGS_H_
#define ATELIER_COORDINATOR_CONTROL_RATINGS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/ratings.h"
#include "coordinator/store/store.h"

namespace atelier {

/// Thread-safe; each call waits for the store. A caller is the user that it is
/// named as: without tokens all are one. Errors common to all:
/// PermissionDenied, NotFound (no such job), InvalidArgument (no such task),
/// Unavailable.
class Ratings {
 public:
  /// Of a job. Calls at once may pass it by a few.
  static constexpr int64_t kMostRows = 100'000;

  /// Lifetime: both outlive it.
  Ratings(ControlPlane& control, Store& store)
      : control_(control), store_(store) {}

  /// REQUIRES: stars from 0 to kMostStars; 0 takes the caller's away.
  /// Errors: ResourceExhausted (kMostRows), as the next.
  absl::StatusOr<TaskRating> Star(const Caller& caller, const TaskId& task,
                                  int stars);
  /// Returns each task as it is rated then, by index.
  /// REQUIRES: the tasks are different, and `worst` is one.
  absl::StatusOr<std::vector<TaskRating>> Judge(const Caller& caller,
                                                const JobId& job,
                                                std::vector<int64_t> tasks,
                                                int64_t worst);
  /// Those of [first, end) that are rated, at most `limit`, by index.
  absl::StatusOr<std::vector<TaskRating>> List(const Caller& caller,
                                               const JobId& job, int64_t first,
                                               int64_t end, int limit);

 private:
  absl::Status Put(const JobId& job, std::vector<RatingChange> changes);
  absl::StatusOr<TaskRating> One(const Caller& caller, const TaskId& task);

  ControlPlane& control_;
  Store& store_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_RATINGS_H_
