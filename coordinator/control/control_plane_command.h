// Something to be decided on the control's writer thread.
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
