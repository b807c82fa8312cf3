#include "coordinator/control/ratings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/state/row_changes.h"

namespace atelier {
namespace {

absl::Status CheckTask(absl::string_view field, int64_t index,
                       const JobRecord& job) {
  if (index >= 0 && index < job.task_count) return absl::OkStatus();
  return InvalidArgument(field, ": ", index, " is not allowed; from 0 to ",
                         job.task_count - 1);
}

}  // namespace

Ratings ControlPlane::ratings() { return Ratings(*this, store_); }

absl::StatusOr<TaskRating> Ratings::Star(const Caller& caller,
                                         const TaskId& task, int stars) {
  RETURN_IF_ERROR(control_.CheckMay(caller, Verb::kRateJob, task.job));
  ASSIGN_OR_RETURN(const JobRecord job, control_.GetJob(caller, task.job));
  RETURN_IF_ERROR(CheckTask("task_index", task.index, job));
  RatingChange change;
  change.key = {task, caller.name, ""};
  change.value = stars;
  change.keep = stars != 0;
  RETURN_IF_ERROR(Put(task.job, {std::move(change)}));
  return One(caller, task);
}

absl::StatusOr<std::vector<TaskRating>> Ratings::Judge(
    const Caller& caller, const JobId& id, std::vector<int64_t> tasks,
    int64_t worst) {
  RETURN_IF_ERROR(control_.CheckMay(caller, Verb::kRateJob, id));
  ASSIGN_OR_RETURN(const JobRecord job, control_.GetJob(caller, id));
  std::sort(tasks.begin(), tasks.end());
  const std::string shown = absl::StrJoin(tasks, " ");
  std::vector<RatingChange> changes;
  for (const int64_t index : tasks) {
    RETURN_IF_ERROR(CheckTask("task_indexes", index, job));
    RatingChange& change = changes.emplace_back();
    change.key = {{id, index}, caller.name, shown};
    change.value = index == worst ? 1 : 0;
  }
  RETURN_IF_ERROR(Put(id, std::move(changes)));
  std::vector<TaskRating> ratings;
  for (const int64_t index : tasks) {
    ASSIGN_OR_RETURN(ratings.emplace_back(), One(caller, {id, index}));
  }
  return ratings;
}

absl::StatusOr<std::vector<TaskRating>> Ratings::List(const Caller& caller,
                                                      const JobId& job,
                                                      int64_t first,
                                                      int64_t end, int limit) {
  RETURN_IF_ERROR(control_.GetJob(caller, job).status());
  return store_.ListRatings({job, caller.name, first, end, limit});
}

absl::Status Ratings::Put(const JobId& job, std::vector<RatingChange> changes) {
  ASSIGN_OR_RETURN(const int64_t rows, store_.CountRatings(job));
  const auto added = static_cast<int64_t>(changes.size());
  if (changes.front().keep && rows + added > kMostRows) {
    return absl::ResourceExhaustedError(
        absl::StrCat("job ", job.value(), ": has ", rows,
                     " ratings and would "
                     "get ",
                     added, "; at most ", kMostRows, " are kept"));
  }
  RowChanges all;
  all.ratings = std::move(changes);
  const absl::Status written = store_.Apply(all);
  if (absl::IsFailedPrecondition(written)) {  // Deleted meanwhile.
    return absl::NotFoundError(absl::StrCat("no job ", job.value()));
  }
  if (absl::IsAborted(written))
    return absl::UnavailableError(written.message());
  return written;
}

absl::StatusOr<TaskRating> Ratings::One(const Caller& caller,
                                        const TaskId& task) {
  ASSIGN_OR_RETURN(const std::vector<TaskRating> found,
                   store_.ListRatings(
                       {task.job, caller.name, task.index, task.index + 1, 1}));
  if (!found.empty()) return found.front();
  TaskRating none;
  none.task_index = task.index;
  return none;
}

}  // namespace atelier
