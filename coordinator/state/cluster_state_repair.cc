// How the ClusterState has lost pictures rendered again.
#include <utility>

#include "coordinator/state/cluster_state.h"

namespace atelier {

void ClusterState::Reopen(StoredJob ended) {
  const JobId id = ended.record.id;
  decisions_.touched.insert(id);
  jobs_.Restore(Job(std::move(ended.record), std::move(ended.spec)));
  jobs_.Update(id, [](Job& job) { job.Reopen(); });
  fresh_jobs_.insert(id);
}

void ClusterState::Repair(TaskRecord succeeded) {
  const TaskId task = succeeded.id;
  UpdateTask(task, [&](Job& job) { return job.Repair(std::move(succeeded)); });
  fresh_jobs_.insert(task.job);
  // All of it is in the store, where pictures are looked for again.
  known_.Clear();
}

}  // namespace atelier
