// How the ClusterState has lost pictures rendered again.
#include <utility>

#include "coordinator/state/cluster_state.h"

namespace atelier {

void ClusterState::Reopen(StoredJob ended) {
  decisions_.mutations.push_back(
      ReopenJob{ended.record.id, ended.record.generation});
  decisions_.touched.insert(ended.record.id);
  ended.record.state = JobState::kRunning;
  ended.record.paused = false;
  ended.record.ended_at.reset();
  const JobId id = ended.record.id;
  const int64_t generation = ended.record.generation;
  jobs_.Add(Job(std::move(ended.record), std::move(ended.spec),
                /*stale=*/generation > 0));
  fresh_jobs_.insert(id);
}

void ClusterState::Repair(const TaskId& task, const std::string& image_digest) {
  jobs_.Update(task.job, [&](Job& job) { job.Repair(task.index); });
  decisions_.mutations.push_back(RepairTask{
      task, jobs_.Find(task.job)->record().generation, image_digest});
  decisions_.touched.insert(task.job);
  fresh_jobs_.insert(task.job);
  // All of it is in the store, where pictures are looked for again.
  known_.Clear();
}

}  // namespace atelier
