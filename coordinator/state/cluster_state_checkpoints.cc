// Where renders go on from.
#include <utility>

#include "coordinator/state/canonical.h"
#include "coordinator/state/cluster_state.h"

namespace atelier {

void ClusterState::RestoreCheckpoints(std::vector<CheckpointRecord> stored) {
  ApplyCheckpoints(checkpoints_.Restore(std::move(stored)));
}

int64_t ClusterState::ShedCheckpoints(int64_t bytes) {
  const int64_t before = checkpoints_.bytes();
  ApplyCheckpoints(checkpoints_.Shed(bytes));
  return before - checkpoints_.bytes();
}

void ClusterState::KeepCheckpoint(Attempt& attempt,
                                  const Checkpoint& checkpoint) {
  // Every call of its worker tells of it again.
  if (attempt.checkpoint == checkpoint.digest) return;
  attempt.checkpoint = checkpoint.digest;
  const TaskId& task = *attempt.tasks.begin();  // One render for all.
  const JobSpec& spec = jobs_.Find(task.job)->spec();
  const absl::StatusOr<TaskRender> render =
      MakeTask(spec, PointAt(spec, task.index), options_.renders);
  // Not so when a restart has lowered the limits.
  if (render.ok() && !checkpoint.arithmetic.profile.empty()) {
    // An attempt that is behind where it was to go on from could not do so.
    ApplyCheckpoints(checkpoints_.Keep(
        {ResumeKeyOf(render->render, spec.scope), checkpoint.arithmetic,
         checkpoint.iteration, checkpoint.digest, checkpoint.size_bytes, now_},
        /*useless=*/attempt.resumed_from));
  }
  DiscardUnlessKept(checkpoint);
}

void ClusterState::DiscardUnlessKept(const Checkpoint& checkpoint) {
  if (checkpoints_.Names(checkpoint.digest)) return;
  decisions_.unused_checkpoints.push_back(checkpoint.digest);
}

void ClusterState::ApplyCheckpoints(CheckpointIndex::Change change) {
  std::vector<CheckpointChange>& rows = decisions_.rows.checkpoints;
  for (CheckpointRecord& gone : change.drop) {
    rows.push_back({std::move(gone), /*keep=*/false});
  }
  if (change.put.has_value()) {
    rows.push_back({*std::move(change.put)});
    ++decisions_.counts.checkpoints_kept;
  }
  for (std::string& digest : change.unused) {
    decisions_.unused_checkpoints.push_back(std::move(digest));
  }
}

std::optional<Checkpoint> ClusterState::ResumeFrom(const AttemptToken& token,
                                                   const Render& render) {
  Attempt& attempt = attempts_.At(token);
  attempt.resumed_from = 0;
  if (checkpoints_.empty() || attempt.arithmetic.profile.empty()) {
    return std::nullopt;
  }
  const TaskId& task = *attempt.tasks.begin();
  const Job& job = *jobs_.Find(task.job);
  const AttemptCosts& costs = job.leased().at(task.index).costs();
  // Should going on from it be what failed, beginning anew will not.
  if (costs.failures > 0 || costs.crashes.size() > 1) return std::nullopt;
  const CheckpointRecord* found =
      checkpoints_.Find(ResumeKeyOf(render, job.spec().scope),
                        attempt.arithmetic, render.params.iterations);
  if (found == nullptr) return std::nullopt;
  // What others did is not to be used; its own last attempt may.
  const bool has_none = costs.interruptions == 0 && costs.crashes.empty();
  if (job.spec().no_cache &&
      (has_none || found->kept_at < job.record().submitted_at)) {
    return std::nullopt;
  }
  attempt.resumed_from = found->iteration;
  return Checkpoint{found->digest, found->iteration, found->arithmetic,
                    found->size_bytes};
}

}  // namespace atelier
