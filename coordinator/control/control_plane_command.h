// Something to be decided on the control's writer thread.
//
// How ControlPlane keeps its promises: every call that changes something is a
// command in one queue. One writer thread takes all that wait, lets
// ClusterState decide on them against the picture in memory, makes its
// mutations durable in one transaction (group commit), and only then has them
// answered, by a second thread. No lock is held while the disk works. What is
// read comes from the store, so nobody sees what a crash could take back; only
// progress and workers come from memory.
//
// When a transaction fails, everybody in the batch and every parked call is
// answered Unavailable, and the picture is rebuilt from the store before the
// next batch: memory is never ahead of the disk. Every call is safe to repeat.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_COMMAND_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_COMMAND_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/worker.h"

namespace atelier {

struct ControlPlaneCommand {
  absl::Time now;
  /// Looks into the store, so what was decided before it is committed first.
  bool reads_store = false;
  std::function<absl::Status(ClusterState&)> decide;
  /// Hears decide's status once it is durable, or Unavailable; may be null.
  std::function<void(const absl::Status&)> answer;
  /// The worker's call that it is, which the ClusterState answers.
  std::optional<CallId> call;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_COMMAND_H_
