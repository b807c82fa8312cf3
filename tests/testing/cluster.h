// A coordinator and workers as separate processes on loopback, to be killed.
#ifndef ATELIER_TESTS_TESTING_CLUSTER_H_
#define ATELIER_TESTS_TESTING_CLUSTER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/channel.h"
#include "tests/testing/child_process.h"

namespace atelier {

struct ClusterOptions {
  std::vector<std::string> coordinator_flags;  ///< After our own.
  std::string data;  ///< The coordinator's folder; empty: one of our own.
  std::vector<std::string> variables;  ///< "NAME=value", for all processes.
};

/// Thread-compatible. Everything is killed at the end of its scope.
class Cluster {
 public:
  /// Starts a coordinator on any free port and waits until it serves.
  explicit Cluster(ClusterOptions options);
  explicit Cluster(std::vector<std::string> coordinator_flags = {})
      : Cluster(ClusterOptions{std::move(coordinator_flags), "", {}}) {}

  /// As --coordinator takes it, the same after a restart.
  const std::string& address() const { return address_; }
  const std::string& http_address() const { return http_address_; }
  std::string data() const {
    return options_.data.empty() ? folder_ / "data" : options_.data;
  }
  std::shared_ptr<grpc::Channel> Connect() const;
  /// That an admin of this machine calls with.
  static std::string Token();

  /// `flags` come after our own; `program` as Binary takes it.
  void StartWorker(const std::string& name,
                   const std::vector<std::string>& flags = {},
                   const std::string& program = "atelier-worker");
  /// What it keeps on disk, also for the next one of its name.
  std::string worker_folder(const std::string& name) const {
    return folder_ / name;
  }
  pid_t worker_pid(const std::string& name) const {
    return workers_.at(name)->pid();
  }
  void KillWorker(const std::string& name) { workers_.erase(name); }
  /// Asks the worker to stop and waits until it has.
  Finished StopWorker(const std::string& name);
  /// Sends the signal and waits until the worker has ended.
  Finished EndWorker(const std::string& name, int signal);
  /// Waits until the worker has ended by itself.
  Finished AwaitEnd(const std::string& name);

  /// What the coordinator has said so far.
  std::string CoordinatorLog() const { return coordinator_->Errors(); }
  void KillCoordinator() { coordinator_.reset(); }
  /// Asks it to stop and waits until it has.
  Finished StopCoordinator();
  /// On the same address and data.
  void RestartCoordinator();

  /// The status and text of /readyz once they begin with `begins`, as "503", or
  /// what they are after half a minute.
  std::string AwaitReadiness(const std::string& begins) const;

  /// What the coordinator's /metrics says of one time series, as
  /// `atelier_workers` or `atelier_worker_slots{worker="anna"}`. Fails the test
  /// when there is none.
  double Metric(const std::string& series) const;
  /// Waits until a series has this value. Fails the test after a minute.
  void AwaitMetric(const std::string& series, double value) const;

 private:
  void StartCoordinator(const std::string& listen, const std::string& http);

  TemporaryFolder folder_;
  ClusterOptions options_;
  std::string address_;
  std::string http_address_;
  std::unique_ptr<ChildProcess> coordinator_;
  std::map<std::string, std::unique_ptr<ChildProcess>> workers_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_CLUSTER_H_
