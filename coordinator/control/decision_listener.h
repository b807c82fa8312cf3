// Who hears what became of decisions.
#ifndef ATELIER_COORDINATOR_CONTROL_DECISION_LISTENER_H_
#define ATELIER_COORDINATOR_CONTROL_DECISION_LISTENER_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/worker.h"

namespace atelier {

class DecisionListener {
 public:
  virtual ~DecisionListener() = default;

  /// What is said to those who gave commands.
  using Outcomes = std::vector<std::function<void()>>;
  /// They are durable. Commands hear theirs first.
  virtual void Tell(Outcomes outcomes, Decisions decisions) = 0;
  /// A worker's call ends otherwise; no effect on one that has its answer.
  virtual void AnswerNow(CallId id, absl::StatusOr<SyncResponse> response) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_DECISION_LISTENER_H_
