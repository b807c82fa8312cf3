// First come, first served.
#ifndef ATELIER_COORDINATOR_SCHEDULER_FIFO_H_
#define ATELIER_COORDINATOR_SCHEDULER_FIFO_H_

#include <optional>

#include "coordinator/core/scheduling_policy.h"

namespace atelier {

/// The oldest job that has a claimable task; in it, tasks that were handed back
/// before tasks that were never leased, each by index. O(1).
class FifoPolicy : public SchedulingPolicy {
 public:
  std::optional<TaskId> Next(const JobQueue& queue,
                             const WorkerDescription& worker) override;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SCHEDULER_FIFO_H_
