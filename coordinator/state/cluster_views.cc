#include "coordinator/state/cluster_views.h"

#include <algorithm>
#include <utility>

#include "common/render/patch.h"
#include "coordinator/state/canonical.h"

namespace atelier {
namespace {

RunningAttempt ViewOf(const TaskId& task, const AttemptToken& token,
                      const Attempt& attempt) {
  RunningAttempt view{task, token, attempt.worker, attempt.progress.iteration,
                      attempt.progress.losses};
  if (!attempt.progress.previews.empty()) {
    view.preview = attempt.progress.previews.back();
  }
  view.log_digest = attempt.progress.log_digest;
  return view;
}

WorkerView ViewOf(const Worker& worker, const AttemptTable& attempts) {
  WorkerView view;
  view.description = worker.description;
  view.draining = worker.Draining();
  view.quarantined = worker.quarantined;
  view.last_seen_at = worker.last_seen_at;
  view.stopping = worker.Stopping();
  for (const AttemptToken& token : worker.held) {
    const Attempt& attempt = attempts.At(token);
    view.running.push_back(ViewOf(*attempt.tasks.begin(), token, attempt));
  }
  std::sort(view.running.begin(), view.running.end(),
            [](const RunningAttempt& a, const RunningAttempt& b) {
              return a.task < b.task;
            });
  return view;
}

}  // namespace

std::vector<RunningAttempt> ListRunning(const ClusterState& state,
                                        const JobId& id, int limit) {
  std::vector<RunningAttempt> running;
  const Job* const job = state.jobs().Find(id);
  if (job == nullptr) return running;
  for (const auto& [index, task] : job->leased()) {
    if (static_cast<int>(running.size()) == limit) break;
    const AttemptToken& token = task.record().token;
    running.push_back(ViewOf({id, index}, token, state.attempts().At(token)));
  }
  return running;
}

std::vector<WorkerView> ListWorkers(const ClusterState& state) {
  std::vector<WorkerView> views;
  for (const auto& [name, worker] : state.registry().workers()) {
    views.push_back(ViewOf(worker, state.attempts()));
  }
  return views;
}

bool IsReadBy(const ClusterState& state, const RenderLimits& limits,
              const AttemptToken& attempt, ArtifactKind kind,
              const std::string& digest) {
  const Attempt* const found = state.attempts().Find(attempt);
  if (found == nullptr) return false;
  const TaskId& task = *found->tasks.begin();  // One render for all.
  const JobSpec& spec = state.jobs().Find(task.job)->spec();
  const absl::StatusOr<TaskRender> made =
      MakeTask(spec, PointAt(spec, task.index), limits);
  if (!made.ok()) return false;
  if (kind == ArtifactKind::kCheckpoint) {
    return state.checkpoints().Names(ResumeKeyOf(made->render, spec.scope),
                                     digest);
  }
  bool is_input = spec.measure.weights_digest == digest;
  ForEachInput(
      made->render.inputs,
      [&](const Parameter& /*input*/, int /*position*/,
          const std::string& one) { is_input = is_input || one == digest; });
  return is_input;
}

bool IsToldOf(const ClusterState& state, const TaskId& task, ArtifactKind kind,
              const std::string& digest) {
  const Job* const job = state.jobs().Find(task.job);
  if (job == nullptr) return false;
  const auto leased = job->leased().find(task.index);
  if (leased == job->leased().end()) return false;
  const AttemptProgress& told =
      state.attempts().At(leased->second.record().token).progress;
  if (kind == ArtifactKind::kLog) return told.log_digest == digest;
  return kind == ArtifactKind::kPreview &&
         std::any_of(
             told.previews.begin(), told.previews.end(),
             [&](const PicturePreview& one) { return one.digest == digest; });
}

}  // namespace atelier
