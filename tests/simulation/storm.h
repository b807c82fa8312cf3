// One seed's storm over a coordinator, its workers and its callers.
#ifndef ATELIER_TESTS_SIMULATION_STORM_H_
#define ATELIER_TESTS_SIMULATION_STORM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/simulated_coordinator.h"
#include "tests/simulation/simulated_worker.h"

namespace atelier {

struct StormOptions {
  uint64_t seed = 0;
  int workers = 0;  ///< 0: from 1 to 20, as the seed has it.
  int jobs = 6;
  int max_tasks_per_job = 12;
  absl::Duration bad_weather = absl::Minutes(5);
  /// After it everybody behaves, and all jobs have to end.
  absl::Duration good_weather = absl::Hours(24);
};

/// Workers die, of poison too, stall, lose requests and answers, report twice
/// and restart; the
/// coordinator dies between any two writes; jobs are submitted again and again,
/// cancelled, paused and retried. Deterministic: the same options and store,
/// the same storm. Thread-compatible.
class Storm {
 public:
  Storm(const StormOptions& options,
        std::function<std::unique_ptr<Store>()> open_store);

  /// Returns what was wrong; empty when nothing was.
  std::vector<std::string> Run();
  /// How many rows of jobs and tasks have been written.
  int64_t rows_written() const { return ledger_.rows_written(); }
  int64_t reused() const { return ledger_.reused(); }
  int64_t repaired() const { return ledger_.repaired(); }
  int64_t removed() const { return ledger_.removed(); }
  /// How many tasks were given with another to be rendered with it.
  int64_t batched() const { return batched_; }
  /// How many crashes were told after the attempt was given up as lost.
  int64_t late_crashes() const { return ledger_.late_crashes(); }
  /// How many tasks failed because their workers died of them.
  int64_t poisoned() const { return poisoned_; }
  /// When the last job had ended, from the start.
  absl::Duration lasted() const { return now_ - start_; }

 private:
  struct Event {
    absl::Time at;
    int64_t number = 0;  // Equal times go in the order of their making.
    std::function<void()> happen;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };

  int Between(int low, int high);
  bool Chance(int percent);
  bool Bad() const { return now_ < start_ + options_.bad_weather; }
  absl::Duration Delay(absl::Duration most);
  void At(absl::Time when, std::function<void()> happen);
  void Soon(absl::Duration most, std::function<void()> happen);

  void Pump();    // A step of the coordinator, again and again.
  void Meddle();  // What callers do.
  void CallFrom(size_t worker);
  void Answered(size_t worker, int64_t call,
                const absl::StatusOr<SyncResponse>& response);
  // What a worker that renders in batches must not be given.
  void CheckBatch(const SimulatedWorker& worker, const SyncResponse& response);
  Outcome SomeOutcome();
  bool AllEnded();
  void ForgetDeaths();
  void Audit();
  void AuditDeaths();
  void AuditJob(const JobRecord& job);

  const StormOptions options_;
  std::mt19937_64 random_;
  Ledger ledger_{IsPoison};
  SimulatedCoordinator coordinator_;
  std::vector<SimulatedWorker> workers_;
  std::vector<int64_t> calls_;               // The last of each worker.
  std::map<std::string, std::string> jobs_;  // Specs by request.
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  int64_t last_event_ = 0;
  const absl::Time start_ = absl::FromUnixSeconds(1'000'000'000);
  absl::Time now_ = start_;
  bool all_ended_ = false;
  bool calm_ = false;  // The good weather has begun.
  int64_t batched_ = 0;
  int64_t poisoned_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_STORM_H_
