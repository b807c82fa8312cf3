#include "coordinator/state/heartbeat.h"

#include <set>

namespace atelier {
namespace {

bool GoesOn(const AttemptProgress& progress, const Attempt& attempt,
            const SyncRequest& request) {
  if (attempt.instance != request.worker.instance) return false;
  return !progress.checkpoint.has_value() ||
         progress.checkpoint->digest == attempt.checkpoint;
}

bool HasFreeSlots(const SyncRequest& request, const Worker& worker) {
  const size_t slots = request.worker.batches ? 1 : request.worker.slots;
  return worker.TakesWork() && worker.held.size() < slots;
}

}  // namespace

bool IsHeartbeat(const SyncRequest& request, const WorkerRegistry& registry,
                 const AttemptTable& attempts, absl::Duration stall_after,
                 absl::Time now) {
  const auto found = registry.workers().find(request.worker.name);
  if (found == registry.workers().end()) return false;
  const Worker& worker = found->second;
  if (worker.description.instance != request.worker.instance ||
      worker.wants_to_drain != request.draining ||
      worker.waiting_call.has_value() || !request.finished.empty() ||
      worker.held.empty() || HasFreeSlots(request, worker)) {
    return false;
  }
  std::set<AttemptToken> runs;
  for (const AttemptProgress& progress : request.running) {
    if (worker.held.count(progress.token) == 0) return false;
    const Attempt& attempt = attempts.At(progress.token);
    if (!GoesOn(progress, attempt, request)) return false;
    if (attempt.pace.HasStalled(stall_after, now)) return false;
    if (!runs.insert(progress.token).second) return false;
  }
  return runs == worker.held;
}

}  // namespace atelier
