// What the ClusterState thinks of workers: whom it trusts with work.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/cluster_state.h"

namespace atelier {
namespace {

absl::Status NoWorker(const WorkerName& name) {
  return absl::NotFoundError(
      absl::StrCat("no live worker is called \"", name.value(), "\""));
}

}  // namespace

absl::Status ClusterState::Drain(const WorkerName& name) {
  Worker* worker = registry_.Find(name);
  if (worker == nullptr) return NoWorker(name);
  worker->told_to_drain = true;
  if (worker->waiting_call.has_value()) {
    ready_calls_.insert(*worker->waiting_call);
  }
  return absl::OkStatus();
}

absl::Status ClusterState::Release(const WorkerName& name) {
  Worker* worker = registry_.Find(name);
  if (worker == nullptr) return NoWorker(name);
  worker->told_to_drain = false;
  worker->quarantined = false;
  faults_.Forgive(name);
  return absl::OkStatus();
}

void ClusterState::RecordWorkerOutcome(const TaskId& task,
                                       const WorkerName& name, Outcome outcome,
                                       TaskState to) {
  switch (to) {
    case TaskState::kQueued:
      if (outcome == Outcome::kInternal || outcome == Outcome::kDiverged ||
          outcome == Outcome::kCrashed || outcome == Outcome::kStalled) {
        faults_.Failed(task, name);
      }
      return;
    case TaskState::kSucceeded:
      for (const WorkerName& other : faults_.Completed(task, name)) {
        RecordWorkerFailure(other);
      }
      return;
    default:
      faults_.Forget(task);
  }
}

void ClusterState::RecordWorkerFailure(const WorkerName& name) {
  Worker* worker = registry_.Find(name);
  if (worker == nullptr || worker->quarantined) return;
  // Tasks of a batch fail together.
  const WorkerDescription& who = worker->description;
  const int at_once = who.batches ? who.slots : 1;
  if (faults_.RecordWorkerFailure(name) < options_.quarantine_after * at_once) {
    return;
  }
  worker->quarantined = true;
  ++decisions_.counts.workers_quarantined;
  decisions_.notices.push_back(
      absl::StrCat("worker \"", name.value(),
                   "\" is quarantined: it failed tasks that others completed"));
  if (worker->waiting_call.has_value()) {
    ready_calls_.insert(*worker->waiting_call);
  }
}

int ClusterState::live_workers() const {
  return static_cast<int>(registry_.workers().size());
}

int ClusterState::quarantined_workers() const {
  return static_cast<int>(std::count_if(
      registry_.workers().begin(), registry_.workers().end(),
      [](const auto& entry) { return entry.second.quarantined; }));
}

int ClusterState::stopping_attempts() const {
  int stopping = 0;
  for (const auto& [name, worker] : registry_.workers()) {
    stopping += worker.Stopping();
  }
  return stopping;
}

std::vector<WorkerView> ClusterState::Workers() const {
  std::vector<WorkerView> views;
  for (const auto& [name, worker] : registry_.workers()) {
    WorkerView view;
    view.description = worker.description;
    view.draining = worker.Draining();
    view.quarantined = worker.quarantined;
    view.last_seen_at = worker.last_seen_at;
    view.stopping = worker.Stopping();
    for (const AttemptToken& token : worker.held) {
      const Attempt& attempt = attempts_.At(token);
      view.running.push_back({*attempt.tasks.begin(), token, name,
                              attempt.progress.iteration,
                              attempt.progress.losses});
    }
    std::sort(view.running.begin(), view.running.end(),
              [](const RunningAttempt& a, const RunningAttempt& b) {
                return a.task < b.task;
              });
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace atelier
