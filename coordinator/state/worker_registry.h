// The live workers: who they are, what they hold, which call of theirs waits.
#ifndef ATELIER_COORDINATOR_STATE_WORKER_REGISTRY_H_
#define ATELIER_COORDINATOR_STATE_WORKER_REGISTRY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// One call of Synchronize. Later calls have higher ids.
using CallId = int64_t;

struct Worker {
  WorkerDescription description;
  bool told_to_drain = false;   ///< By an operator.
  bool wants_to_drain = false;  ///< By its own word.
  bool died = false;            ///< With work, as its successor tells for it.
  bool quarantined = false;     ///< It failed too much that others completed.
  absl::Time last_seen_at;
  absl::Time alive_until;       ///< Forgotten then, unless a call waits.
  std::set<AttemptToken> held;  ///< Leased to it.
  std::set<AttemptToken> runs;  ///< By its last call; those it is to stop, too.
  std::optional<CallId> waiting_call;

  bool Draining() const { return told_to_drain || wants_to_drain; }
  bool LeavesInOrder() const { return wants_to_drain && !died; }
  bool TakesWork() const { return !Draining() && !quarantined; }
  /// Attempts that it runs, by its last call, though it was told to stop them.
  int Stopping() const {
    return static_cast<int>(std::count_if(
        runs.begin(), runs.end(),
        [this](const AttemptToken& token) { return held.count(token) == 0; }));
  }
  /// Slots that are not free. What it is told to stop holds its slot until it
  /// has: the end of an iteration may be seconds away.
  size_t TakenSlots() const {
    return held.size() + static_cast<size_t>(Stopping());
  }
  /// Attempts it can still take, with so many in the answer that is being made.
  /// Nothing joins a batch.
  int FreeSlots(size_t in_this_answer = 0) const {
    const size_t taken = TakenSlots();
    if (description.batches && taken > in_this_answer) return 0;
    return description.slots - static_cast<int>(taken);
  }
};

/// Thread-compatible.
class WorkerRegistry {
 public:
  explicit WorkerRegistry(int max_workers) : max_workers_(max_workers) {}

  /// The worker of this name, made or refreshed from its own description.
  /// A new instance takes the place of one whose time is up, or that drains and
  /// holds nothing; neither may have a call waiting.
  /// Errors: AlreadyExists when another instance of this name is alive,
  ///         ResourceExhausted when there are as many workers as may be.
  absl::StatusOr<Worker*> Admit(const WorkerDescription& description,
                                absl::Time now);

  /// The worker that holds a lease which outlived a restart, made if need be.
  /// Null when another instance has taken the name.
  Worker* Restore(const WorkerName& name, const InstanceId& instance,
                  absl::Time now, absl::Time alive_until);

  /// Forgets what workers hold and wait for; none is gone before `alive_until`.
  void ForgetWork(absl::Time alive_until);

  /// Null when no live worker has this name.
  Worker* Find(const WorkerName& name);
  /// By name.
  const std::map<WorkerName, Worker>& workers() const { return workers_; }

  int quarantined() const;
  /// Attempts that live workers were told to stop, and still run.
  int Stopping() const;

  /// The most memory that a live worker has said to have, in bytes.
  int64_t LargestMemory() const;

  /// The engine versions that live workers announce: those that take work,
  /// or all where none does.
  std::set<int> EngineVersions() const;
  /// The newest that a worker which fits and takes work announces, if any does.
  std::optional<int> NewestEngineVersion(const WorkerNeeds& needs) const;

  /// Removes those that have no call waiting and whose time is up.
  void RemoveGone(absl::Time now);

 private:
  const int max_workers_;
  std::map<WorkerName, Worker> workers_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_WORKER_REGISTRY_H_
