// How the ClusterState keeps a render from being done twice.
#include <algorithm>
#include <utility>

#include "coordinator/state/cluster_state.h"
#include "coordinator/state/fitness.h"

namespace atelier {

ClusterState::Reuse ClusterState::TryReuse(const TaskId& task,
                                           const RenderKey& key,
                                           bool may_join) {
  const Job& job = *jobs_.Find(task.job);
  if (job.spec().no_cache) return Reuse::kNothing;
  const WorkerNeeds& needs = job.spec().needs;
  const int version = ReusableVersion(needs);
  if (may_join) {
    const std::optional<AttemptToken> token = AttemptFor(key, version, needs);
    if (token.has_value()) {
      Lease(task, *token);
      ++decisions_.counts.tasks_joined;
      --reuse_budget_;
      return Reuse::kDone;
    }
  }
  const std::vector<TaskResult>* results = known_.Find(key);
  if (results == nullptr) {
    wanted_.results.insert(key);
    LookAhead(job);
    return Reuse::kUnknown;
  }
  for (const TaskResult& result : *results) {
    if (result.arithmetic.engine_version != version) continue;
    if (!HasProfile(result.arithmetic.profile, needs)) continue;
    CompleteFromCache(task, key, result);
    --reuse_budget_;
    return Reuse::kDone;
  }
  return Reuse::kNothing;
}

int ClusterState::ReusableVersion(const WorkerNeeds& needs) const {
  if (!has_mixed_versions_) return engine_version_;
  return registry_.NewestEngineVersion(needs).value_or(engine_version_);
}

void ClusterState::NoteEngineVersions() {
  const std::set<int> live = registry_.EngineVersions();
  has_mixed_versions_ = false;
  if (live.empty()) return;
  // After a restart the newer may not have called yet.
  if (*live.rbegin() < engine_version_ && now_ < all_have_called_at_) return;
  has_mixed_versions_ = live.size() > 1;
  if (*live.rbegin() == engine_version_) return;
  engine_version_ = *live.rbegin();
  decisions_.rows.engine_version = engine_version_;
}

std::optional<AttemptToken> ClusterState::AttemptFor(
    const RenderKey& key, int version, const WorkerNeeds& needs) const {
  for (const AttemptToken& token : attempts_.Of(key)) {
    const Arithmetic& arithmetic = attempts_.At(token).arithmetic;
    if (arithmetic.engine_version != version) continue;
    if (HasProfile(arithmetic.profile, needs)) return token;
  }
  return std::nullopt;
}

// One look into the store for all that will be asked for next.
void ClusterState::LookAhead(const Job& job) {
  lookahead_.MakeRoom();
  for (int64_t index : job.Upcoming()) {
    const TaskId task{job.record().id, index};
    absl::StatusOr<TaskRender> render = Materialize(job.spec(), task);
    if (!render.ok()) continue;
    if (known_.Find(render->key) == nullptr) {
      wanted_.results.insert(render->key);
    }
    lookahead_.Add(task, *std::move(render));
  }
}

absl::StatusOr<TaskRender> ClusterState::Materialize(const JobSpec& spec,
                                                     const TaskId& task) {
  std::optional<TaskRender> made = lookahead_.Take(task);
  if (made.has_value()) return *std::move(made);
  return MakeTask(spec, PointAt(spec, task.index), options_.renders);
}

void ClusterState::CompleteFromCache(const TaskId& task, const RenderKey& key,
                                     const TaskResult& result) {
  UpdateTask(task,
             [&](Job& job) { return job.Reuse(task.index, key, result); });
  ++decisions_.counts.tasks_reused;
  EndJobIfDone(task.job);
}

// Results are taken without a worker, from the first task on, until a window
// of tasks has none. Those behind it are found when their turn comes.
void ClusterState::ReuseAhead() {
  while (!fresh_jobs_.empty() && reuse_budget_ > 0 && wanted_.results.empty()) {
    const JobId id = *fresh_jobs_.begin();
    if (!ReuseAhead(id)) fresh_jobs_.erase(id);
  }
}

bool ClusterState::ReuseAhead(const JobId& id) {
  const Job* job = jobs_.Find(id);
  if (job == nullptr || job->record().paused) return false;
  const std::shared_ptr<const JobSpec> spec = job->shared_spec();
  bool some = false;
  for (int64_t index : job->Upcoming()) {
    if (reuse_budget_ == 0) return true;
    const absl::StatusOr<TaskRender> render = Materialize(*spec, {id, index});
    if (!render.ok()) continue;  // Refused when its turn comes.
    const Reuse reuse = TryReuse({id, index}, render->key, /*may_join=*/false);
    if (reuse == Reuse::kUnknown) return true;
    if (reuse == Reuse::kDone) some = true;
  }
  return some && jobs_.Find(id) != nullptr;
}

}  // namespace atelier
