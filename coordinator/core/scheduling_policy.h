// Which task a worker gets: the seam behind which policies stand.
#ifndef ATELIER_COORDINATOR_CORE_SCHEDULING_POLICY_H_
#define ATELIER_COORDINATOR_CORE_SCHEDULING_POLICY_H_

#include <optional>

#include "coordinator/core/job_queue.h"
#include "coordinator/core/worker.h"

namespace atelier {

/// Chooses; changes nothing in the queue. The same queue and worker give the
/// same choice. Implementations stand in coordinator/scheduler, one a file.
/// Thread-compatible.
class SchedulingPolicy {
 public:
  virtual ~SchedulingPolicy() = default;

  /// A claimable task of a job in `queue`, or nothing when there is none for
  /// this worker.
  virtual std::optional<TaskId> Next(const JobQueue& queue,
                                     const WorkerDescription& worker) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_SCHEDULING_POLICY_H_
