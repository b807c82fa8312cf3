// What a caller can have done to a job, as commands for the DecisionLoop.
#ifndef ATELIER_COORDINATOR_CONTROL_JOB_COMMANDS_H_
#define ATELIER_COORDINATOR_CONTROL_JOB_COMMANDS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/control_plane_views.h"
#include "coordinator/control/decision_loop.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"

namespace atelier {

/// What work that is queued is held against, beside its user's quota.
struct WorkLimits {
  int64_t most_spec_bytes = 0;  ///< Of all unfinished jobs.
  /// What users have. Null: no artifact counts. Lifetime: outlives the command.
  const OwnerBytes* artifacts = nullptr;
};

/// Whether a new job of so many tasks may be queued now.
/// Errors: ResourceExhausted (room for specs, or the quota of the job's user).
absl::Status CheckCanQueue(const ClusterState& state, const JobSpec& spec,
                           int64_t task_count, const WorkLimits& limits);

/// A new job, or the one that the same request made before, whose id goes to
/// `id`.
/// Errors: AlreadyExists (another spec), ResourceExhausted (as CheckCanQueue).
/// Lifetime: `id` outlives the command, as do the other commands' answers.
LoopCommand SubmitCommand(JobRecord record, std::shared_ptr<const JobSpec> spec,
                          const WorkLimits& limits, JobId* id);

/// Leaves a job alone that has ended, or never was.
LoopCommand CancelCommand(const JobId& id);

/// Errors: FailedPrecondition (it has ended, or never was).
LoopCommand SteerCommand(const JobId& id,
                         std::function<void(JobUpdate& update)> change);

/// Leaves a job alone that has nothing to retry.
/// Errors: NotFound, ResourceExhausted (as SubmitCommand).
LoopCommand RetryCommand(const JobId& id, const WorkLimits& limits);

/// Queues those of these tasks again that failed, and leaves the others alone.
/// Errors: NotFound, FailedPrecondition (it was cancelled: none has failed
///         alone), ResourceExhausted (as SubmitCommand).
LoopCommand RetryTasksCommand(const JobId& id, std::set<int64_t> tasks,
                              const WorkLimits& limits);

/// Queues those tasks again that still have this picture; their indices go to
/// `queued`. Errors: NotFound, FailedPrecondition (it was cancelled),
///                   ResourceExhausted (the quota of the job's user).
LoopCommand RepairCommand(const JobId& id, std::vector<TaskPicture> lost,
                          const WorkLimits& limits,
                          std::vector<int64_t>* queued);

/// Makes a job that has ended one that is deleted; its row as it was goes to
/// `deleted`. Errors: NotFound, FailedPrecondition (it has not ended).
LoopCommand DeleteCommand(const JobId& id, JobRecord* deleted);

/// Removes the rows of a deleted job's tasks from `first` up to, but not,
/// `end`; with the last of them the job's row.
LoopCommand RemoveCommand(const JobRecord& deleted, int64_t first, int64_t end);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_JOB_COMMANDS_H_
