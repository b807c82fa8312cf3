// A lease and what is known of it.
#ifndef ATELIER_COORDINATOR_STATE_ATTEMPT_H_
#define ATELIER_COORDINATOR_STATE_ATTEMPT_H_

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "coordinator/state/arithmetic.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/iteration_pace.h"
#include "coordinator/state/render_times.h"
#include "coordinator/state/worker.h"

namespace atelier {

struct Attempt {
  /// Who wants it. It stops when none is left.
  std::set<TaskId> tasks;
  WorkerName worker;
  InstanceId instance;
  Arithmetic arithmetic;  ///< The worker's, once it is known.
  std::string user;       ///< Whose share it uses.
  absl::Time granted_at;
  absl::Duration accounted;  ///< Of its time, so far.
  AttemptProgress progress;
  IterationPace pace;
  bool confirmed = false;  ///< The worker has said that it runs it.
  /// Of its render; absent where that is not known, as after a restart.
  std::optional<RenderClass> render = {};
  int batch = 1;           ///< Renders that hold the device together.
  int resumed_from = 0;    ///< Iterations that it need not do.
  std::string checkpoint;  ///< Digest of the last it told of.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ATTEMPT_H_
