// What people see of a ClusterState: workers, and how attempts get on.
#ifndef ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_
#define ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_

#include <vector>

#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// The job's attempts, by index, at most `limit`.
std::vector<RunningAttempt> ListRunning(const ClusterState& state,
                                        const JobId& id, int limit);

/// Live workers by name.
std::vector<WorkerView> ListWorkers(const ClusterState& state);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_
