// Workers that say they have rendered what they have only been told of.
#ifndef ATELIER_TESTS_BENCH_WORKER_FLEET_H_
#define ATELIER_TESTS_BENCH_WORKER_FLEET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "grpcpp/channel.h"

namespace atelier {

/// Each worker makes one call of Synchronize after another, reporting success
/// of what the last answer gave it. None has a thread of its own. Thread-safe.
class WorkerFleet {
 public:
  struct Options {
    int workers = 64;
    std::string name = "bench";  ///< Of the first, before its number.
    std::vector<std::string> tags;
    /// From what an answer gives to the report of it.
    absl::Duration render_time = absl::ZeroDuration();
    /// Hears of each assignment as it is received. Runs on gRPC's threads.
    std::function<void(const v1::Assignment&)> on_assignment;
  };

  /// Starts them all; they share `channels` in turn.
  WorkerFleet(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
              Options options);
  /// Stops.
  ~WorkerFleet();
  WorkerFleet(const WorkerFleet&) = delete;
  WorkerFleet& operator=(const WorkerFleet&) = delete;

  /// Waits until `tasks` reports were acknowledged as committed, a worker has
  /// failed, or `timeout` has passed. Returns how many were.
  int64_t WaitForCommitted(int64_t tasks, absl::Duration timeout);
  /// Ends all calls, also those in flight, and waits for that.
  void Stop();
  /// The first failure of a call that was not stopped.
  absl::Status status() const;

 private:
  class SimulatedWorker;

  bool MayCall();
  void Ended(const grpc::Status& status);
  void Committed(int64_t reports);

  const Options options_;
  std::vector<std::unique_ptr<v1::Workers::Stub>> stubs_;
  std::vector<std::unique_ptr<SimulatedWorker>> workers_;
  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int calling_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t committed_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_WORKER_FLEET_H_
