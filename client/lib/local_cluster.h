// The real coordinator and workers, as children of this process.
//
//   ASSIGN_OR_RETURN(auto cluster, LocalCluster::Start({.workers = 2}));
//   Client client(MakeChannel(ParseEndpoint(cluster->coordinator())), stop);
#ifndef ATELIER_CLIENT_LIB_LOCAL_CLUSTER_H_
#define ATELIER_CLIENT_LIB_LOCAL_CLUSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/lib/child_process.h"
#include "common/scratch_folder.h"

namespace atelier {

/// A cluster as commands see it.
class Cluster {
 public:
  virtual ~Cluster() = default;
  /// Where gRPC is, as ParseEndpoint takes it; HOST:PORT of HTTP, if it is
  /// served.
  virtual const std::string& coordinator() const = 0;
  virtual const std::string& http() const = 0;
};

struct LocalClusterOptions {
  int workers = 1;
  /// Empty: a Unix socket in a private folder, which only this user reaches.
  std::string listen;
  std::string http = "none";
  /// Where the coordinator keeps jobs; empty: a folder that goes when the
  /// cluster stops.
  std::string data;
  /// Where the programs are; empty: beside this one.
  std::string programs;
  /// Called at most once, on a thread of the cluster, when the coordinator or
  /// the last worker has ended by itself, and is not started again. Must not
  /// destroy the cluster.
  std::function<void(absl::Status why)> on_failure;
  /// Called on the same thread for each worker that ended: how, and what comes
  /// of it, in one line.
  std::function<void(const std::string& what)> on_worker_lost;
  /// Asked while the cluster starts: true ends that.
  std::function<bool()> is_stopped;
  absl::Duration start_timeout = absl::Seconds(60);
  absl::Duration stop_timeout = absl::Seconds(10);
};

/// Workers share the cores of this machine evenly. One that a signal ended is
/// started again, in its old folder: so it can tell which task it died of, and
/// that task fails in the end and not the cluster. One that exits by itself, or
/// dies again and again within seconds, is not. Nothing outlives the process
/// that started it, also when that is killed. Thread-compatible.
class LocalCluster : public Cluster {
 public:
  /// Answers once the coordinator serves.
  /// REQUIRES: called on a thread that lives as long as the cluster should.
  /// Errors: Internal (a program ended early, with the end of its log),
  ///         NotFound (a program is not there), DeadlineExceeded, Cancelled
  ///         (is_stopped).
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(
      LocalClusterOptions options);

  /// Stops workers, then the coordinator: asks, waits, kills.
  ~LocalCluster() override;

  const std::string& coordinator() const override { return coordinator_; }
  const std::string& http() const override { return http_; }

 private:
  explicit LocalCluster(LocalClusterOptions options)
      : options_(std::move(options)) {}

  absl::Status StartAll();
  absl::Status StartCoordinator(const std::string& listen,
                                const std::string& ready_file);
  absl::StatusOr<std::string> ListenAddress();
  absl::Status AwaitReady(const std::string& ready_file);
  // One of our workers, through all its processes.
  struct Worker {
    std::string name;
    std::unique_ptr<ChildProcess> process;
    absl::Time started_at;
    int early_deaths = 0;  // In a row.
  };

  absl::Status StartWorkers();
  absl::Status StartWorker(Worker& worker);
  absl::StatusOr<std::unique_ptr<ChildProcess>> StartProgram(
      const std::string& program, const std::string& name,
      const std::vector<std::string>& flags);
  void Monitor();
  /// Tells of children that ended; false when there is nothing left to watch.
  bool CheckChildren();
  /// Whether it runs again.
  bool Revive(Worker& worker);
  void StopChildren();

  const LocalClusterOptions options_;
  std::string coordinator_;
  std::string http_;
  std::unique_ptr<ScratchFolder> scratch_;
  // For the socket, where that one's path is too long.
  std::unique_ptr<ScratchFolder> socket_folder_;
  // Touched by the monitor only between Start and the destructor.
  std::unique_ptr<ChildProcess> coordinator_process_;
  std::vector<Worker> workers_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread monitor_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_LOCAL_CLUSTER_H_
