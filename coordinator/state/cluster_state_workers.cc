// What the ClusterState thinks of workers: whom it trusts with work.
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

}  // namespace atelier
