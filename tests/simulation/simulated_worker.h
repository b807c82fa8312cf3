// A worker as the coordinator sees it, with all its bad habits.
#ifndef ATELIER_TESTS_SIMULATION_SIMULATED_WORKER_H_
#define ATELIER_TESTS_SIMULATION_SIMULATED_WORKER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// Whether a worker's process dies of this task, whatever its job.
bool IsPoison(const TaskId& task);

/// What it renders, what it has to report and what it once reported. Knows no
/// time but what it is told. Thread-compatible.
class SimulatedWorker {
 public:
  SimulatedWorker(int number, int slots, int64_t memory_bytes);

  /// What it would say now. Attempts whose time has come are reported, as
  /// `outcome_of` says they ended. Poison kills the process, and the next one
  /// says so of all that ran.
  template <typename OutcomeOf>
  SyncRequest Say(absl::Time now, OutcomeOf outcome_of) {
    for (auto it = running_.begin(); it != running_.end();) {
      if (it->second.ends_at > now) {
        ++it;
        continue;
      }
      if (it->second.poison) {
        Crash(it->second.task);
        break;
      }
      AttemptReport report;
      report.token = it->first;
      report.outcome = outcome_of();
      report.result.image_digest = "image";
      outbox_.push_back(std::move(report));
      it = running_.erase(it);
    }
    return Request(now);
  }
  /// `lasts` is how long what it starts will take.
  template <typename Lasts>
  void Hear(const SyncResponse& response, absl::Time now, Lasts lasts) {
    Forget(response);
    for (const Assignment& start : response.start) {
      running_.emplace(start.token, Running{now, now + lasts(), start.task,
                                            IsPoison(start.task)});
    }
  }

  /// Another process of the same name. Its outbox is kept on its disk.
  void Restart();
  /// Repeats an old report with its next call, as a confused network would.
  void RepeatOldReport();

  int slots() const { return description_.slots; }
  bool batches() const { return description_.batches; }
  size_t running() const { return running_.size(); }
  /// How often a process of it died of each task.
  const std::map<TaskId, int>& deaths() const { return deaths_; }
  void ForgetDeaths() { deaths_.clear(); }

 private:
  struct Running {
    absl::Time begun_at;
    absl::Time ends_at;
    TaskId task;
    bool poison = false;
  };

  void Crash(const TaskId& culprit);
  SyncRequest Request(absl::Time now) const;
  void Forget(const SyncResponse& response);

  WorkerDescription description_;
  int instance_ = 0;
  std::map<AttemptToken, Running> running_;
  std::map<TaskId, int> deaths_;
  std::vector<AttemptReport> outbox_;
  std::vector<AttemptReport> delivered_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_SIMULATED_WORKER_H_
