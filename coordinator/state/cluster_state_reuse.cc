// How the ClusterState keeps a render from being done twice.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "coordinator/state/cluster_state.h"
#include "coordinator/state/fitness.h"

namespace atelier {
namespace {

// Their renders fit into the look-ahead, with those of the last job.
constexpr size_t kAskedAtOnce = Lookahead::kMost / 2;

}  // namespace

ClusterState::Reuse ClusterState::TryReuse(const TaskId& task,
                                           const RenderKey& key,
                                           bool may_join) {
  const Job& job = *jobs_.Find(task.job);
  if (job.spec().no_cache) return Reuse::kNothing;
  const WorkerNeeds& needs = job.spec().needs;
  const int version = versions_.Reusable(registry_, needs);
  if (may_join) {
    const std::optional<AttemptToken> token =
        attempts_.FindFor(key, version, needs);
    if (token.has_value()) {
      Lease(task, *token);
      ++decisions_.counts.tasks_joined;
      --reuse_budget_;
      return Reuse::kDone;
    }
  }
  const std::vector<TaskResult>* results = reuse_.Find(key);
  if (results == nullptr) {
    reuse_.Ask(key, job);
    return Reuse::kUnknown;
  }
  for (const TaskResult& result : *results) {
    if (!MayReuse(result.arithmetic, version, needs)) continue;
    CompleteFromCache(task, key, result);
    --reuse_budget_;
    return Reuse::kDone;
  }
  return Reuse::kNothing;
}

void ClusterState::CompleteFromCache(const TaskId& task, const RenderKey& key,
                                     const TaskResult& result) {
  UpdateTask(task,
             [&](Job& job) { return job.Reuse(task.index, key, result); });
  ++decisions_.counts.tasks_reused;
  EndJobIfDone(task.job);
}

// Results are taken without a worker, from the first task on, until a window
// of tasks has none. Those behind it are found when their turn comes. Many jobs
// ask together.
void ClusterState::ReuseAhead() {
  std::optional<JobId> id = reuse_.NextFresh();
  while (id.has_value() && reuse_budget_ > 0 &&
         reuse_.asked().size() < kAskedAtOnce) {
    switch (ReuseAhead(*id)) {
      case Reuse::kNothing:
        reuse_.RemoveFresh(*id);
        [[fallthrough]];
      case Reuse::kUnknown:
        id = reuse_.NextFresh(*id);
        break;
      case Reuse::kDone:
        break;
    }
  }
}

ClusterState::Reuse ClusterState::ReuseAhead(const JobId& id) {
  const Job* job = jobs_.Find(id);
  if (job == nullptr || job->record().paused) return Reuse::kNothing;
  const std::shared_ptr<const JobSpec> spec = job->shared_spec();
  bool some = false;
  for (int64_t index : job->Upcoming()) {
    if (reuse_budget_ == 0) return Reuse::kDone;
    const absl::StatusOr<TaskRender> render =
        reuse_.Materialize(*spec, {id, index});
    if (!render.ok()) continue;  // Refused when its turn comes.
    const Reuse reuse = TryReuse({id, index}, render->key, /*may_join=*/false);
    if (reuse == Reuse::kUnknown) return reuse;
    if (reuse == Reuse::kDone) some = true;
  }
  return some && jobs_.Find(id) != nullptr ? Reuse::kDone : Reuse::kNothing;
}

}  // namespace atelier
