// What failed attempts say about workers: a task that fails everywhere says
// nothing about a worker, and one that another worker completes says that it
// was the worker's fault.
#ifndef ATELIER_COORDINATOR_STATE_WORKER_FAULTS_H_
#define ATELIER_COORDINATOR_STATE_WORKER_FAULTS_H_

#include <map>
#include <set>
#include <vector>

#include "coordinator/state/ids.h"

namespace atelier {

/// By name: a worker that crashes comes back as another process.
/// Thread-compatible.
class WorkerFaults {
 public:
  /// The worker failed a task that is to be tried again.
  void Failed(const TaskId& task, const WorkerName& worker);
  /// The worker completed it. Returns those at fault, each once: they failed
  /// it before.
  std::vector<WorkerName> Completed(const TaskId& task,
                                    const WorkerName& worker);
  /// Nobody will complete it.
  void Forget(const TaskId& task) { failed_by_.erase(task); }
  /// As Forget, of all tasks of the job.
  void Forget(const JobId& job);
  /// As Forget, of all tasks.
  void ForgetTasks() { failed_by_.clear(); }

  /// One more fault of the worker. Returns how many it has now, less what it
  /// completed since.
  int RecordWorkerFailure(const WorkerName& worker);
  /// The worker begins anew: it was released, or left in good order.
  void Forgive(const WorkerName& worker) { faults_.erase(worker); }

 private:
  std::map<TaskId, std::set<WorkerName>> failed_by_;  // To be tried again.
  std::map<WorkerName, int> faults_;  // At least 1; at most kMaxWorkers.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_WORKER_FAULTS_H_
