// The coordinator's real loop, scheduler and store without threads: it decides,
// commits and answers in steps, and can die between any two of them.
#ifndef ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
#define ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
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

  /// Waits for the next Step, unless it is a heartbeat. Nothing happens while
  /// it is dead.
  void Synchronize(SyncRequest request, absl::Time now, Answer answer);
  /// `request` makes it one job, however often it is asked for.
  void Submit(const std::string& request, const std::string& spec,
              absl::Time now);
  void Cancel(const std::string& request);
  void Retry(const std::string& request);
  void Pause(const std::string& request, bool paused, int priority);
  /// The pictures of the job's tasks from `first` on are gone.
  void Repair(const std::string& request, int64_t first);
  void Delete(const std::string& request);
  /// What the upkeep does: the next rows of a deleted job go.
  void RemoveSome();

  /// Decides on all that waits, commits it in as few transactions as the loop
  /// needs, answers. `death` comes at one of these, after so many others. What
  /// the loop asks to be read it hears a step later, as it was then or is now.
  void Step(absl::Time now, Death death, int after);

  Store& store() { return *store_; }

 private:
  void Tell(Outcomes outcomes, Decisions decisions) override;
  void AnswerNow(CallId id, absl::StatusOr<SyncResponse> response) override;
  // Whoever looks at jobs sees what the store has.
  void CompareRecentJobs();
  // No id is used twice, as if they were random.
  JobId IdOf(const std::string& request) const;

  const std::function<std::unique_ptr<Store>()> open_;
  ControlPlaneOptions options_;
  Ledger& ledger_;
  FairSharePolicy policy_;
  std::unique_ptr<WatchedStore> store_;
  std::unique_ptr<DecisionLoop> loop_;
  std::vector<LoopCommand> waiting_;
  std::optional<PendingRead> unread_;
  TaskId removing_;  // As ControlPlane's.
  bool is_removing_ = false;
  int64_t reads_ = 0;
  int64_t steps_ = 0;
  std::map<CallId, Answer> answers_;
  CallId last_call_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
