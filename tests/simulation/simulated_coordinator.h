// The coordinator's real loop, scheduler and store without threads: it decides,
// commits and answers in steps, and can die between any two of them.
#ifndef ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
#define ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/control/control_plane_options.h"
#include "coordinator/control/decision_listener.h"
#include "coordinator/control/decision_loop.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/store/store.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/watched_store.h"

namespace atelier {

/// A spec is stored as "TASKS/USER/MAX_RUNNING/STYLE".
absl::StatusOr<JobSpec> DecodeSimulatedSpec(absl::string_view bytes);

/// Thread-compatible.
class SimulatedCoordinator : private DecisionListener {
 public:
  using Answer = std::function<void(absl::StatusOr<SyncResponse>)>;

  /// `open` opens the store anew; what it keeps outlives this object's deaths.
  SimulatedCoordinator(std::function<std::unique_ptr<Store>()> open,
                       StateOptions options, Ledger& ledger);

  bool alive() const { return loop_ != nullptr; }
  /// Begins an epoch and takes up what the store has.
  void Start(absl::Time now);
  void Die();

  /// Waits for the next Step. Nothing happens while it is dead.
  void Synchronize(SyncRequest request, Answer answer);
  /// `request` makes it one job, however often it is asked for.
  void Submit(const std::string& request, const std::string& spec,
              absl::Time now);
  void Cancel(const std::string& request);
  void Retry(const std::string& request);
  void Pause(const std::string& request, bool paused, int priority);

  /// Decides on all that waits, commits it in as few transactions as the loop
  /// needs, answers. `death` comes at one of these, after so many others.
  void Step(absl::Time now, Death death, int after);

  Store& store() { return *store_; }

 private:
  void Tell(Outcomes outcomes, Decisions decisions) override;
  void AnswerNow(CallId id, absl::StatusOr<SyncResponse> response) override;
  static JobId IdOf(const std::string& request);

  const std::function<std::unique_ptr<Store>()> open_;
  ControlPlaneOptions options_;
  Ledger& ledger_;
  FairSharePolicy policy_;
  std::unique_ptr<WatchedStore> store_;
  std::unique_ptr<DecisionLoop> loop_;
  std::vector<LoopCommand> waiting_;
  std::map<CallId, Answer> answers_;
  CallId last_call_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
