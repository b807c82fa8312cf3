// What people see of a ClusterState: workers, and how attempts get on.
#ifndef ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_
#define ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_

#include <string>
#include <vector>

#include "common/artifact_kind.h"
#include "common/render/resolve.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// The job's attempts, by index, at most `limit`.
std::vector<RunningAttempt> ListRunning(const ClusterState& state,
                                        const JobId& id, int limit);

/// Live workers by name.
std::vector<WorkerView> ListWorkers(const ClusterState& state);

/// Whether the attempt runs and its worker reads this: an input of its render,
/// or a checkpoint to go on from.
bool IsReadBy(const ClusterState& state, const RenderLimits& limits,
              const AttemptToken& attempt, ArtifactKind kind,
              const std::string& digest);

/// Whether the worker that runs the task has told of this preview or log.
bool IsToldOf(const ClusterState& state, const TaskId& task, ArtifactKind kind,
              const std::string& digest);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CLUSTER_VIEWS_H_
