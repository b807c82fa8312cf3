// A user by share, then a job by priority, then a task by what the worker
// holds.
#ifndef ATELIER_COORDINATOR_SCHEDULER_FAIR_SHARE_H_
#define ATELIER_COORDINATOR_SCHEDULER_FAIR_SHARE_H_

#include <optional>

#include "coordinator/state/scheduling_policy.h"

namespace atelier {

/// The user who has used least of late, is below its quota of running tasks and
/// has something for this worker; equal use by name. Of that user's jobs that
/// the worker is fit for, the one of the highest priority, then the oldest. Of
/// that job's tasks, those that were handed back before those that were never
/// leased; of each kind the one for which the worker lacks fewest inputs, then
/// the lowest index.
///
/// Nobody starves: use counts, so that whoever waits becomes the least user; a
/// job's window moves on only with its first task.
///
/// O(users + jobs that are passed over); a job's window is looked at only when
/// its inputs differ between tasks or something was handed back.
class FairSharePolicy : public SchedulingPolicy {
 public:
  std::optional<TaskId> Next(const SchedulingView& view,
                             const WorkerDescription& worker) override;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SCHEDULER_FAIR_SHARE_H_
