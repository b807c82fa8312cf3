// What becomes of what has ended: tasks that failed or lost their pictures are
// rendered again, and rows are removed.
#include <utility>

#include "coordinator/state/cluster_state.h"

namespace atelier {

void ClusterState::Reopen(StoredJob ended) {
  const JobId id = ended.record.id;
  decisions_.touched.insert(id);
  jobs_.Restore(Job(std::move(ended.record), std::move(ended.spec)));
  jobs_.Update(id, [](Job& job) { job.Reopen(); });
  reuse_.AddFresh(id);
}

void ClusterState::QueueAgain(TaskRecord ended) {
  const TaskId task = ended.id;
  const bool had_picture = ended.state == TaskState::kSucceeded;
  lost_.ForgetTask(task);
  UpdateTask(task, [&](Job& job) { return job.QueueAgain(std::move(ended)); });
  reuse_.AddFresh(task.job);
  // All of it is in the store, where pictures are looked for again.
  if (had_picture) reuse_.ForgetResults();
}

void ClusterState::Delete(JobRecord ended) {
  decisions_.touched.insert(ended.id);
  const JobVersion before = VersionOf(ended);
  ended.state = JobState::kDeleted;
  decisions_.rows.jobs.push_back({before, std::move(ended)});
}

void ClusterState::Remove(const JobRecord& deleted, int64_t first, int64_t end,
                          bool last) {
  decisions_.rows.removed_tasks.push_back({deleted.id, first, end});
  if (!last) return;
  decisions_.rows.removed_jobs.push_back({deleted.id, VersionOf(deleted)});
}

}  // namespace atelier
