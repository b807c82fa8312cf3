#include "coordinator/state/row_changes.h"

namespace atelier {

JobVersion VersionOf(const JobRecord& job) {
  return {job.state, job.generation};
}

TaskVersion VersionOf(const TaskRecord& task) {
  return {task.state, task.generation, task.token};
}

size_t RowChanges::size() const {
  return jobs.size() + tasks.size() + attempts.size() + results.size() +
         checkpoints.size() + artifacts.size() + thumbnails.size() +
         tokens.size() + quotas.size() + ratings.size() + audit.size() +
         (audit_trim.has_value() ? 1 : 0) +
         (engine_version.has_value() ? 1 : 0) + removed_tasks.size() +
         removed_jobs.size();
}

}  // namespace atelier
