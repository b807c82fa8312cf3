// The coordinator's real core, scheduler and store without threads: it decides,
// commits and answers in steps, and can die between any two of them.
#ifndef ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
#define ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/store/store.h"
#include "tests/simulation/ledger.h"

namespace atelier {

/// Where a coordinator dies while it handles a batch.
enum class Death {
  kNone,
  kBeforeCommit,   ///< Nothing was written.
  kAfterCommit,    ///< All was written, nobody hears of it.
  kCommitRefused,  ///< It lives, but the disk took nothing.
};

/// A spec is stored as "TASKS/USER/MAX_RUNNING/STYLE".
absl::StatusOr<JobSpec> DecodeSimulatedSpec(absl::string_view bytes);

/// Thread-compatible.
class SimulatedCoordinator {
 public:
  using Answer = std::function<void(absl::StatusOr<SyncResponse>)>;

  /// `open` opens the store anew; what it keeps outlives this object's deaths.
  SimulatedCoordinator(std::function<std::unique_ptr<Store>()> open,
                       StateOptions options, Ledger& ledger);

  bool alive() const { return state_ != nullptr; }
  /// Begins an epoch and takes up what the store has.
  void Start(absl::Time now);
  void Die();

  /// Waits for the next Step. Nothing happens while it is dead.
  void Synchronize(SyncRequest request, Answer answer);
  /// `request` makes it one job, however often it is asked for.
  void Submit(const std::string& request, const std::string& spec);
  void Cancel(const std::string& request);
  void Retry(const std::string& request);
  void Pause(const std::string& request, bool paused, int priority);

  /// Decides on all that waits, commits it in one transaction, answers.
  void Step(absl::Time now, Death death);

  Store& store() { return *store_; }
  const ClusterState& state() const { return *state_; }

 private:
  using Command = std::function<void(absl::Time now)>;

  void Reload(absl::Time now);
  StoredJob Load(JobRecord record);
  void AssignWork(absl::Time now);
  void Commit(Decisions decisions, absl::Time now, Death death);
  std::optional<JobId> Find(const std::string& request);

  const std::function<std::unique_ptr<Store>()> open_;
  const StateOptions options_;
  Ledger& ledger_;
  FairSharePolicy policy_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ClusterState> state_;
  std::vector<Command> waiting_;
  std::vector<Command> retries_;  // Before the others: they read the store.
  std::map<CallId, Answer> answers_;
  CallId last_call_ = 0;
  int64_t last_sequence_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_SIMULATED_COORDINATOR_H_
