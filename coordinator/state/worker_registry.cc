#include "coordinator/state/worker_registry.h"

#include <algorithm>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "coordinator/state/fitness.h"

namespace atelier {
namespace {

bool CanBeReplaced(const Worker& worker, absl::Time now) {
  if (worker.waiting_call.has_value()) return false;
  return worker.alive_until <= now ||
         (worker.Draining() && worker.held.empty());
}

}  // namespace

absl::StatusOr<Worker*> WorkerRegistry::Admit(
    const WorkerDescription& description, absl::Time now) {
  const auto found = workers_.find(description.name);
  if (found != workers_.end() &&
      found->second.description.instance != description.instance) {
    if (!CanBeReplaced(found->second, now)) {
      return absl::AlreadyExistsError(absl::StrCat(
          "worker.name: \"", description.name.value(),
          "\" is the name of a live worker; choose another --name, or wait "
          "until it has been silent for the length of a lease"));
    }
    workers_.erase(found);
  } else if (found == workers_.end() &&
             static_cast<int>(workers_.size()) >= max_workers_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "worker.name: ", workers_.size(), " workers are live; at most ",
        max_workers_, " (--max-workers)"));
  }
  Worker& worker = workers_[description.name];
  worker.description = description;
  worker.last_seen_at = now;
  return &worker;
}

Worker* WorkerRegistry::Restore(const WorkerName& name,
                                const InstanceId& instance, absl::Time now,
                                absl::Time alive_until) {
  const auto [found, made] = workers_.try_emplace(name);
  Worker& worker = found->second;
  if (made) {
    worker.description.name = name;
    worker.description.instance = instance;
    worker.last_seen_at = now;
    worker.alive_until = alive_until;
  }
  return worker.description.instance == instance ? &worker : nullptr;
}

void WorkerRegistry::ForgetWork(absl::Time alive_until) {
  for (auto& [name, worker] : workers_) {
    worker.held.clear();
    worker.waiting_call.reset();
    worker.alive_until = alive_until;
  }
}

Worker* WorkerRegistry::Find(const WorkerName& name) {
  const auto found = workers_.find(name);
  return found == workers_.end() ? nullptr : &found->second;
}

int WorkerRegistry::quarantined() const {
  return static_cast<int>(std::count_if(
      workers_.begin(), workers_.end(),
      [](const auto& entry) { return entry.second.quarantined; }));
}

int WorkerRegistry::Stopping() const {
  int stopping = 0;
  for (const auto& [name, worker] : workers_) stopping += worker.Stopping();
  return stopping;
}

int64_t WorkerRegistry::LargestMemory() const {
  int64_t largest = 0;
  for (const auto& [name, worker] : workers_) {
    largest = std::max(largest, worker.description.memory_bytes);
  }
  return largest;
}

std::set<int> WorkerRegistry::EngineVersions() const {
  std::set<int> working, all;
  for (const auto& [name, worker] : workers_) {
    const int version = worker.description.arithmetic.engine_version;
    if (version == 0) continue;
    all.insert(version);
    if (worker.TakesWork()) working.insert(version);
  }
  return working.empty() ? all : working;
}

std::optional<int> WorkerRegistry::NewestEngineVersion(
    const WorkerNeeds& needs) const {
  std::optional<int> newest;
  for (const auto& [name, worker] : workers_) {
    const int version = worker.description.arithmetic.engine_version;
    if (version > newest.value_or(0) && worker.TakesWork() &&
        IsFit(worker.description, needs)) {
      newest = version;
    }
  }
  return newest;
}

void WorkerRegistry::RemoveGone(absl::Time now) {
  for (auto it = workers_.begin(); it != workers_.end();) {
    const Worker& worker = it->second;
    const bool gone =
        !worker.waiting_call.has_value() && worker.alive_until <= now;
    it = gone ? workers_.erase(it) : std::next(it);
  }
}

}  // namespace atelier
