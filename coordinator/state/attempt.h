// A lease and what is known of it.
#ifndef ATELIER_COORDINATOR_STATE_ATTEMPT_H_
#define ATELIER_COORDINATOR_STATE_ATTEMPT_H_

#include <algorithm>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "coordinator/state/arithmetic.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/iteration_pace.h"
#include "coordinator/state/retry_policy.h"
#include "coordinator/state/worker.h"

namespace atelier {

struct Attempt {
  /// Who wants it, and what earlier attempts have cost each. It stops when none
  /// is left.
  std::map<TaskId, AttemptCosts> tasks;
  WorkerName worker;
  InstanceId instance;
  Arithmetic arithmetic;  ///< The worker's, once it is known.
  std::string user;       ///< Whose share it uses.
  absl::Time granted_at;
  absl::Duration accounted;  ///< Of its time, so far.
  AttemptProgress progress;
  IterationPace pace;
  bool confirmed = false;  ///< The worker has said that it runs it.
  int resumed_from = 0;    ///< Iterations that it need not do.
  std::string checkpoint;  ///< Digest of the last it told of.

  /// Whether it may crash its worker: others are not to run beside it.
  bool IsSuspect() const {
    return std::any_of(tasks.begin(), tasks.end(), [](const auto& entry) {
      return !entry.second.crashes.empty();
    });
  }
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ATTEMPT_H_
