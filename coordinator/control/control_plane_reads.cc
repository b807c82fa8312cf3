// What callers ask to see of jobs: read from the store, with what runs beside.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/visible_jobs.h"
#include "coordinator/state/cluster_views.h"

namespace atelier {

absl::StatusOr<JobRecord> ControlPlane::GetJob(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  return FindJob(loop_.recent_jobs(), store_, id);
}

absl::StatusOr<std::vector<JobRecord>> ControlPlane::ListJobs(
    const Caller& caller, int limit, std::optional<int64_t> before) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kListJobs));
  if (SeesOnlyOwn(caller)) {
    if (caller.name.empty()) return std::vector<JobRecord>();
    return FindJobsOf(store_, caller.name, limit, before);
  }
  return FindJobs(loop_.recent_jobs(), store_, limit, before);
}

absl::StatusOr<TaskPage> ControlPlane::ListTasks(const Caller& caller,
                                                 const JobId& id, int64_t first,
                                                 int limit) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  ASSIGN_OR_RETURN(const Store::JobTasks stored,
                   FindTasks(store_, id, first, limit));
  std::shared_ptr<const JobSpec> spec = FindSpec(id);
  if (spec == nullptr) {
    ASSIGN_OR_RETURN(spec, loop_.DecodeSpec(stored.job));
  }
  const int64_t end =
      first + std::min<int64_t>(limit, stored.job.task_count - first);
  TaskPage page;
  auto row = stored.rows.begin();
  for (int64_t index = first; index < end; ++index) {
    const bool has_row = row != stored.rows.end() && row->id.index == index;
    page.tasks.push_back(
        View(stored.job, *spec, index, has_row ? &*row : nullptr));
    if (has_row) ++row;
  }
  if (end < stored.job.task_count) page.next_index = end;
  return page;
}

absl::StatusOr<Store::JobTasks> ControlPlane::ListTaskRows(const Caller& caller,
                                                           const JobId& id,
                                                           int64_t first,
                                                           int limit) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  return FindTasks(store_, id, first, limit);
}

absl::StatusOr<std::vector<AttemptRecord>> ControlPlane::ListAttempts(
    const Caller& caller, const TaskId& task) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, task.job));
  ASSIGN_OR_RETURN(const JobRecord job,
                   FindJob(loop_.recent_jobs(), store_, task.job));
  if (task.index < 0 || task.index >= job.task_count) {
    return InvalidArgument("task_index: ", task.index,
                           " is not allowed; from 0 to ", job.task_count - 1);
  }
  return store_.ListAttempts(task);
}

ControlPlane::SharedSpec ControlPlane::FindSpec(const JobId& id) {
  absl::MutexLock lock(&loop_.mu());
  const Job* const job = loop_.state().jobs().Find(id);
  return job == nullptr ? nullptr : job->shared_spec();
}

absl::StatusOr<ControlPlane::SharedSpec> ControlPlane::GetSpec(
    const Caller& caller, const JobId& id) {
  ASSIGN_OR_RETURN(const JobRecord job, GetJob(caller, id));
  SharedSpec spec = FindSpec(id);
  if (spec != nullptr) return spec;
  return loop_.DecodeSpec(job);
}

TaskView ControlPlane::View(const JobRecord& job, const JobSpec& spec,
                            int64_t index, const TaskRecord* row) {
  TaskView view;
  view.index = index;
  view.state = StateOf(job, row);
  Point point = PointAt(spec, index);
  // A point that was refused has no render; its message says why.
  absl::StatusOr<TaskRender> task =
      MakeTask(spec, point, options_.state.renders);
  if (task.ok()) {
    view.render = std::move(task->render);
    view.key = std::move(task->key);
  }
  view.labels = std::move(point.labels);
  if (row == nullptr) return view;
  view.attempts = row->attempts;
  view.result = row->result;
  view.outcome = row->outcome;
  view.message = row->message;
  if (view.state != TaskState::kLeased) return view;
  view.worker = row->worker;
  absl::MutexLock lock(&loop_.mu());
  const Attempt* const attempt = loop_.state().attempts().Find(row->token);
  if (attempt != nullptr) {
    view.iteration = attempt->progress.iteration;
    view.losses = attempt->progress.losses;
    view.previews = attempt->progress.previews;
    view.log_digest = attempt->progress.log_digest;
  }
  return view;
}

absl::StatusOr<std::vector<RunningAttempt>> ControlPlane::ListRunning(
    const Caller& caller, const JobId& id, int limit) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  absl::MutexLock lock(&loop_.mu());
  return ::atelier::ListRunning(loop_.state(), id, limit);
}

absl::StatusOr<std::vector<TaskPicture>> ControlPlane::FindPictures(
    const Caller& caller, const JobId& id, const std::set<int64_t>& indices) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  constexpr int64_t kRowsAtOnce = 1000;
  std::vector<TaskPicture> found;
  for (auto index = indices.begin(); index != indices.end();) {
    const int64_t first = *index;
    const int64_t rows = std::min(kRowsAtOnce, *indices.rbegin() - first + 1);
    ASSIGN_OR_RETURN(const Store::JobTasks stored,
                     FindTasks(store_, id, first, static_cast<int>(rows)));
    for (const TaskRecord& row : stored.rows) {
      if (row.state != TaskState::kSucceeded) continue;
      if (indices.count(row.id.index) == 0) continue;
      found.push_back({row.id.index, row.result->image_digest});
    }
    // No sum of what a caller gave: it may be the largest number there is.
    if (*indices.rbegin() - first < kRowsAtOnce) break;
    index = indices.lower_bound(first + kRowsAtOnce);
  }
  return found;
}

absl::StatusOr<bool> ControlPlane::IsNamedByTask(const Caller& caller,
                                                 const TaskId& task,
                                                 ArtifactKind kind,
                                                 const std::string& digest) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, task.job));
  {
    absl::MutexLock lock(&loop_.mu());
    if (IsToldOf(loop_.state(), task, kind, digest)) return true;
  }
  ASSIGN_OR_RETURN(const Store::JobTasks stored,
                   FindTasks(store_, task.job, task.index, 1));
  if (stored.rows.empty()) return false;
  if (kind == ArtifactKind::kLog) {
    ASSIGN_OR_RETURN(const std::vector<AttemptRecord> ended,
                     store_.ListAttempts(task));
    return std::any_of(
        ended.begin(), ended.end(),
        [&](const AttemptRecord& one) { return one.log_digest == digest; });
  }
  const std::optional<TaskResult>& result = stored.rows.front().result;
  return kind == ArtifactKind::kPreview && result.has_value() &&
         std::any_of(
             result->previews.begin(), result->previews.end(),
             [&](const PicturePreview& one) { return one.digest == digest; });
}

}  // namespace atelier
