// What the ClusterState decided, as changes to be made durable. Each names what
// it expects to find, so that the store can refuse one that comes too late.
//
// Counts: a store adjusts the job's counts and cursor by the moves of its
// tasks, once a transaction; no mutation carries them.
#ifndef ATELIER_COORDINATOR_STATE_MUTATION_H_
#define ATELIER_COORDINATOR_STATE_MUTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "coordinator/state/arithmetic.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"
#include "coordinator/state/retry_policy.h"
#include "coordinator/state/task_state.h"

namespace atelier {

/// A new job. AlreadyExists: its id, sequence or request id is taken.
struct PutJob {
  JobRecord job;
};

/// queued -> leased. Tasks of one render may have one token.
/// FailedPrecondition: the job is not running in this
/// generation, or the task is not queued in it.
struct LeaseTask {
  TaskId task;
  int64_t generation = 0;
  AttemptToken token;
  WorkerName worker;
  InstanceId instance;
};

/// queued -> succeeded, without an attempt. FailedPrecondition: as LeaseTask.
struct ReuseResult {
  TaskId task;
  int64_t generation = 0;
  RenderKey key;
  TaskResult result;
};

/// leased -> `to`: the compare-and-set on the fencing token.
/// FailedPrecondition: the token does not hold the task any more, or the job is
/// not running in this generation.
struct EndAttempt {
  TaskId task;
  int64_t generation = 0;
  AttemptToken token;
  TaskState to = TaskState::kQueued;  ///< kSucceeded, kQueued or kFailed.
  Outcome outcome = Outcome::kInternal;
  AttemptCosts costs;
  std::string message;
  /// Set exactly with kSucceeded; from then on the one of its render and
  /// arithmetic that Store::FindResults gives.
  std::optional<TaskResult> result;
};

/// An attempt that ended as lost turns out to have crashed its worker; `costs`
/// are as they were where that does not count against the task. `from`
/// is kQueued or kLeased (to a later attempt); the task stays there, or goes
/// from queued to failed. FailedPrecondition: the task is not `from` in this
/// generation, or the job is not running in it.
struct CountCrash {
  TaskId task;
  int64_t generation = 0;
  TaskState from = TaskState::kQueued;
  TaskState to = TaskState::kQueued;  ///< `from`, or kFailed from kQueued.
  AttemptCosts costs;
  std::string message;
};

/// queued -> failed, without an attempt. FailedPrecondition: as LeaseTask.
struct RefuseTask {
  TaskId task;
  int64_t generation = 0;
  std::string message;
};

/// Why the job is failing, for people. FailedPrecondition: as LeaseTask.
struct ExplainJob {
  JobId job;
  int64_t generation = 0;
  std::string message;
};

/// The last task has ended. FailedPrecondition: the job is not running in this
/// generation, or a task is queued or leased.
struct EndJob {
  JobId job;
  int64_t generation = 0;
  JobState state = JobState::kSucceeded;  ///< kSucceeded or kFailed.
  absl::Time ended_at;
};

/// Cancels what has not ended. Writes no task. FailedPrecondition: the job is
/// not running in this generation.
struct CancelJob {
  JobId job;
  int64_t generation = 0;
  absl::Time ended_at;
};

/// Pauses or resumes the job, or changes its priority. Writes no task.
/// FailedPrecondition: the job is not running in this generation.
struct SteerJob {
  JobId job;
  int64_t generation = 0;
  bool paused = false;
  int priority = 0;
};

/// Queues all but the succeeded again, in the next generation, not paused.
/// Writes no task. FailedPrecondition: the job is not failed or cancelled in
/// this generation.
struct RetryJob {
  JobId job;
  int64_t generation = 0;  ///< The one that ended.
};

/// As RetryJob, of a job that runs: queues the failed again and lets the others
/// go on in the next generation. Writes what is in flight. FailedPrecondition:
/// the job is not running in this generation, or none failed.
struct RetryFailedTasks {
  JobId job;
  int64_t generation = 0;  ///< The one before.
};

/// Lets a job that has ended run again, not paused, in its generation. Writes
/// no task. FailedPrecondition: the job is not succeeded or failed in this
/// generation.
struct ReopenJob {
  JobId job;
  int64_t generation = 0;
};

/// succeeded -> queued, as if it had never been leased: its picture is gone.
/// FailedPrecondition: the job is not running in this generation, or the task
/// has not succeeded with this picture.
struct RepairTask {
  TaskId task;
  int64_t generation = 0;
  std::string image_digest;
};

/// Replaces one of the same name.
struct PutCheckpoint {
  CheckpointRecord checkpoint;
};

/// One that is not there is fine.
struct DropCheckpoint {
  ResumeKey render;
  Arithmetic arithmetic;
  int iteration = 0;
};

/// The newest engine version among the live workers is now this one: see
/// Store::LastEngineVersion.
struct SetEngineVersion {
  int version = 0;
};

using Mutation =
    std::variant<PutJob, LeaseTask, ReuseResult, EndAttempt, CountCrash,
                 RefuseTask, ExplainJob, EndJob, CancelJob, SteerJob, RetryJob,
                 RetryFailedTasks, ReopenJob, RepairTask, PutCheckpoint,
                 DropCheckpoint, SetEngineVersion>;

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_MUTATION_H_
