#include "coordinator/scheduler/fifo.h"

namespace atelier {

std::optional<TaskId> FifoPolicy::Next(const JobQueue& queue,
                                       const WorkerDescription& /*worker*/) {
  if (queue.claimable().empty()) return std::nullopt;
  const Job& job = queue.jobs().at(*queue.claimable().begin());
  return TaskId{job.record().id, *job.NextClaimable()};
}

}  // namespace atelier
