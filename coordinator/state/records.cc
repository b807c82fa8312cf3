#include "coordinator/state/records.h"

namespace atelier {

absl::string_view Name(JobState state) {
  switch (state) {
    case JobState::kRunning:
      return "running";
    case JobState::kSucceeded:
      return "succeeded";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      return "cancelled";
    case JobState::kDeleted:
      return "deleted";
  }
  return "unknown";
}

TaskState StateOf(const JobRecord& job, const TaskRecord* task) {
  if (task != nullptr) {
    const bool current = task->generation == job.generation;
    if (task->state == TaskState::kSucceeded) return task->state;
    if (current && HasEnded(task->state)) return task->state;
    if (current && job.state != JobState::kCancelled) return task->state;
  }
  return job.state == JobState::kCancelled ? TaskState::kCancelled
                                           : TaskState::kQueued;
}

}  // namespace atelier
