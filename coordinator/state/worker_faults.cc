#include "coordinator/state/worker_faults.h"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace atelier {
namespace {

// Names may be new at every start, and then nobody takes them back.
constexpr size_t kMaxWorkers = 10'000;

}  // namespace

void WorkerFaults::Failed(const TaskId& task, const WorkerName& worker) {
  failed_by_[task].insert(worker);
}

std::vector<WorkerName> WorkerFaults::Completed(const TaskId& task,
                                                const WorkerName& worker) {
  const auto credited = faults_.find(worker);
  if (credited != faults_.end() && --credited->second <= 0) {
    faults_.erase(credited);
  }
  std::vector<WorkerName> at_fault;
  const auto failed = failed_by_.extract(task);
  if (failed.empty()) return at_fault;
  for (const WorkerName& other : failed.mapped()) {
    if (other != worker) at_fault.push_back(other);
  }
  return at_fault;
}

void WorkerFaults::Forget(const JobId& job) {
  failed_by_.erase(
      failed_by_.lower_bound({job, 0}),
      failed_by_.upper_bound({job, std::numeric_limits<int64_t>::max()}));
}

int WorkerFaults::RecordWorkerFailure(const WorkerName& worker) {
  if (faults_.size() >= kMaxWorkers && faults_.count(worker) == 0) {
    faults_.erase(faults_.begin());
  }
  return ++faults_[worker];
}

}  // namespace atelier
