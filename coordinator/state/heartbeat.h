// Calls of workers that change nothing which must be durable.
#ifndef ATELIER_COORDINATOR_STATE_HEARTBEAT_H_
#define ATELIER_COORDINATOR_STATE_HEARTBEAT_H_

#include "absl/time/time.h"
#include "coordinator/state/attempt_table.h"
#include "coordinator/state/worker.h"
#include "coordinator/state/worker_registry.h"

namespace atelier {

/// Whether all that a call says is that its worker goes on with what it holds,
/// every slot being taken: it reports no end and no new checkpoint, nothing is
/// to be stopped, started or sent again, and nothing has stalled.
bool IsHeartbeat(const SyncRequest& request, const WorkerRegistry& registry,
                 const AttemptTable& attempts, absl::Duration stall_after,
                 absl::Time now);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_HEARTBEAT_H_
