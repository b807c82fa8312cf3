// Which task of a job suits a worker.
#ifndef ATELIER_COORDINATOR_SCHEDULER_TASK_CHOICE_H_
#define ATELIER_COORDINATOR_SCHEDULER_TASK_CHOICE_H_

#include <cstdint>
#include <optional>

#include "coordinator/state/job.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// A ready task before a fresh one; of each kind the one for which the worker
/// lacks fewest inputs, then the lowest index. A task that ran out of memory
/// goes only where there is more, or to the largest worker there is.
std::optional<int64_t> ChooseTask(const Job& job,
                                  const WorkerDescription& worker,
                                  int64_t largest_memory_bytes);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SCHEDULER_TASK_CHOICE_H_
