// Who does what: the coordinator's decisions, pure. Time is passed in, nothing
// is read or written, and the same calls give the same decisions.
//
//   ClusterState state(policy, epoch, options);
//   state.Synchronize(call, request, now);
//   state.AssignWork(now);
//   Decisions decisions = state.TakeDecisions();
//   // Make decisions.rows durable, then send decisions.answers.
//   // Read state.WantedReads() from the store, for TakeReads.
//
// The picture in memory runs ahead of the disk by what TakeDecisions has not
// been made durable yet. When that fails, throw it away: Restore.
#ifndef ATELIER_COORDINATOR_STATE_CLUSTER_STATE_H_
#define ATELIER_COORDINATOR_STATE_CLUSTER_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/state/attempt.h"
#include "coordinator/state/attempt_table.h"
#include "coordinator/state/checkpoint_index.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/engine_versions.h"
#include "coordinator/state/job_table.h"
#include "coordinator/state/lost_attempts.h"
#include "coordinator/state/reuse_index.h"
#include "coordinator/state/scheduling_policy.h"
#include "coordinator/state/user_quotas.h"
#include "coordinator/state/user_shares.h"
#include "coordinator/state/waiting_call.h"
#include "coordinator/state/worker.h"
#include "coordinator/state/worker_faults.h"
#include "coordinator/state/worker_registry.h"

namespace atelier {

/// Thread-compatible. Lifetime: the policy must outlive it.
class ClusterState {
 public:
  ClusterState(SchedulingPolicy& policy, int64_t epoch, StateOptions options);

  /// Forgets jobs, leases and decisions, and takes up what the store has.
  /// Leases run a full length from now. Workers stay. Waiting calls, and those
  /// whose answers were decided, end with Unavailable: returns their ids.
  std::vector<CallId> Restore(std::vector<StoredJob> jobs, absl::Time now);
  /// The store's checkpoints, oldest first, and its Store::LastEngineVersion.
  void RestoreCheckpoints(std::vector<CheckpointRecord> stored);
  void RestoreEngineVersion(int version) { versions_.Restore(version); }
  void RestoreQuotas(std::vector<QuotaRecord> all) { quotas_.Restore(all); }

  /// REQUIRES: a new job, all of whose tasks are queued.
  void AddJob(JobRecord record, std::shared_ptr<const JobSpec> spec);
  /// REQUIRES: jobs() has the job.
  void Cancel(const JobId& id, absl::Time now);
  /// Pausing takes back what runs, at no cost to it; a priority counts from
  /// the next assignment on. REQUIRES: jobs() has the job.
  void Steer(const JobId& id, bool paused, int priority, absl::Time now);
  /// `ended` is the job as the store has it, failed or cancelled.
  void Retry(StoredJob ended);
  /// Queues what failed while the rest goes on; no effect when nothing did.
  /// REQUIRES: jobs() has the job, and no decision waits to be made durable:
  ///           the failures are read from the store.
  void RetryFailed(const JobId& id);
  /// Queues a task again that failed, or whose picture is gone. `ended` is its
  /// row. REQUIRES: as RetryFailed, and Job::QueueAgain.
  void QueueAgain(TaskRecord ended);
  /// Comes before QueueAgain when the job has succeeded or failed.
  void Reopen(StoredJob ended);
  /// Lets a job that has ended be removed: nobody sees it any more.
  /// REQUIRES: jobs() does not have it, and this is its row.
  void Delete(JobRecord ended);
  /// Removes rows of a deleted job; with `last` the job's own as well.
  void Remove(const JobRecord& deleted, int64_t first, int64_t end, bool last);

  /// Takes reports, extends leases, and leaves the call waiting for AssignWork.
  void Synchronize(CallId call, SyncRequest request, absl::Time now);
  /// The answer to a call that IsHeartbeat (heartbeat.h), decided at once and
  /// perhaps before earlier calls; any other is left for Synchronize.
  std::optional<SyncResponse> AnswerHeartbeat(const SyncRequest& request,
                                              absl::Time now);
  /// Ends a waiting call with Cancelled; no effect on one that has ended.
  void Withdraw(CallId call, absl::Time now);
  /// The worker gets nothing new, and its waiting call hears of it.
  /// Errors: NotFound when no live worker has this name.
  absl::Status Drain(const WorkerName& name);
  /// Counts from now on; what the user has already stays.
  void SetQuota(const QuotaRecord& quota);
  /// Ends what an operator's Drain or a quarantine began. Errors: as Drain.
  absl::Status Release(const WorkerName& name);
  /// Lets leases, workers and waiting calls run out.
  void Tick(absl::Time now);

  /// Leases claimable tasks to waiting calls, longest waiting first, and ends
  /// the calls that have something to hear. A task whose render has a result
  /// takes that, and one whose render is being done joins that attempt. While
  /// it WaitsForReads it leases nothing, and only those calls end that would
  /// get nothing anyway. Returns whether it stopped at its bound on tasks that
  /// took no worker and must be called again after TakeDecisions.
  bool AssignWork(absl::Time now);

  /// While true, nothing is started and no result taken.
  void HoldWork(bool hold) { work_is_held_ = hold; }
  void HoldPreviews(bool hold) { previews_are_held_ = hold; }  ///< Asks none.
  /// Drops the oldest checkpoints; returns how many bytes they have.
  int64_t ShedCheckpoints(int64_t bytes);
  /// While not empty, read it once all decisions are durable, give TakeReads
  /// the answers, and call AssignWork. Other calls may come between.
  StoreReads WantedReads() const;
  bool WaitsForReads() const;  ///< Whether work can't be assigned before.
  void TakeReads(const StoreReads& wanted, StoreAnswers answers);
  Decisions TakeDecisions();
  const JobTable& jobs() const { return jobs_; }
  const WorkerRegistry& registry() const { return registry_; }
  const AttemptTable& attempts() const { return attempts_; }
  int waiting_calls() const { return static_cast<int>(calls_.size()); }
  const UserQuotas& quotas() const { return quotas_; }
  const CheckpointIndex& checkpoints() const { return checkpoints_; }
  const ReuseIndex& reuse() const { return reuse_; }
  const EngineVersions& versions() const { return versions_; }

 private:
  // The parts of Synchronize, in their order (cluster_state_sync.cc).
  void ApplyReports(SyncRequest& request, SyncResponse& response);
  void ApplyProgress(const SyncRequest& request, SyncResponse& response);
  void SettleUnlisted(const SyncRequest& request, Worker& worker,
                      SyncResponse& response);

  // What is known of attempts that went wrong (cluster_state_crashes.cc). Ends
  // those of a worker's attempts that do not get on though it calls.
  void EndStalled(const SyncRequest& request, SyncResponse& response);
  void EndAsStalled(const AttemptToken& token);
  // Counts a crash that is told after its lease was lost; false: for nothing.
  bool TakeLateCrash(const AttemptReport& report, bool in_company);
  bool CountLateCrash(const TaskId& task, const AttemptEnd& how);
  void AmendCosts(const TaskId& task, const RetryDecision& decision);
  void FailByLateCrash(const TaskId& task, bool is_leased,
                       const RetryDecision& decision);
  void NoteCrash(const TaskId& task, absl::string_view message);
  // No other attempt runs beside one that may crash its worker.
  bool MustRunAlone(const TaskId& task) const;
  bool HoldsSuspect(const Worker& worker) const;

  // What has to be alike to go with the same answer; null: anything goes.
  const Attempt* BatchOf(const Worker& worker,
                         const SyncResponse& response) const;
  void Assign();
  bool AssignOne(Worker& worker, SyncResponse& response);
  void Grant(const TaskId& task, const TaskRender& render, Worker& worker,
             SyncResponse& response);
  void Lease(const TaskId& task, const AttemptToken& token);
  void Refuse(const TaskId& task, absl::string_view why);

  // Spares a task its worker (cluster_state_reuse.cc).
  enum class Reuse { kNothing, kUnknown, kDone };
  Reuse TryReuse(const TaskId& task, const RenderKey& key, bool may_join);
  void CompleteFromCache(const TaskId& task, const RenderKey& key,
                         const TaskResult& result);
  void ReuseAhead();
  Reuse ReuseAhead(const JobId& id);

  // What later attempts get (cluster_state_checkpoints.cc).
  void KeepCheckpoint(Attempt& attempt, const Checkpoint& checkpoint);
  void DiscardUnlessKept(const Checkpoint& checkpoint);
  void ApplyCheckpoints(CheckpointIndex::Change change);
  // Where a new attempt begins, if not at the beginning.
  std::optional<Checkpoint> ResumeFrom(const AttemptToken& token,
                                       const Render& render);

  // Ends a lease by its outcome. `result` is read only when it succeeded.
  void EndLease(const AttemptToken& token, Outcome outcome,
                absl::string_view said, TaskResult result = {},
                bool in_company = false);
  // Returns what became of the task.
  TaskState EndTask(const TaskId& task, const AttemptEnd& how,
                    const TaskResult& result, absl::Duration device_time);
  // Queues a leased task again, at no cost to it.
  void Requeue(const TaskId& task, const std::string& why);
  // The task leaves its attempt; without a time, it still runs.
  void NoteAttempt(const TaskRecord& row, Outcome outcome, std::string message,
                   std::optional<absl::Duration> device_time = {});
  // Changes a task through `change(Job&)`, and has that written.
  template <typename Change>
  const TaskChange& UpdateTask(const TaskId& task, Change change) {
    decisions_.touched.insert(task.job);
    return decisions_.rows.tasks.emplace_back(
        jobs_.Update(task.job, std::move(change)));
  }
  // The task wants its attempt no more. Returns whether that ended the attempt.
  bool Unsubscribe(const TaskId& task, const AttemptToken& token);
  void AccountUsage(Attempt& attempt);  // Up to the attempt's age.
  // What the end of an attempt says about workers.
  void RecordWorkerOutcome(const TaskId& task, const WorkerName& worker,
                           Outcome outcome, TaskState to);
  void RecordWorkerFailure(const WorkerName& name);

  // Forgets the attempt; a waiting call of its worker is told to stop it.
  Attempt ReleaseAttempt(const AttemptToken& token);
  void SetFailureReason(const TaskId& task, absl::string_view why);
  void EndJobIfDone(const JobId& id);
  // Takes the job out of the queue.
  void Forget(const JobId& id);

  void Load(StoredJob job);
  void LoadTasks(const JobId& id, std::vector<TaskRecord> open,
                 const std::vector<int64_t>& passed_over);
  void RestoreLease(const TaskRecord& row);
  // Whether it should wait until work can be assigned.
  bool CanGetMore(CallId id) const;
  void TakePage(const StalePageRequest& wanted, std::vector<TaskRecord> page);
  void Answer(CallId id);
  void CompleteAnswer(Worker& worker, SyncResponse& response) const;
  void Reject(CallId id, absl::Status why);
  void NoteTime(const Attempt& attempt, const TaskResult& result);

  SchedulingPolicy& policy_;
  const int64_t epoch_;
  const StateOptions options_;
  absl::Time now_;  // Of the call that is being decided.
  bool work_is_held_ = false, previews_are_held_ = false;
  int64_t last_number_ = 0;  // Of the attempts of this epoch.
  JobTable jobs_;
  WorkerRegistry registry_;
  AttemptTable attempts_;
  ReuseIndex reuse_;
  EngineVersions versions_;
  int reuse_budget_ = 0;  // Tasks that may take no worker, till TakeDecisions.
  std::map<CallId, WaitingCall> calls_;
  std::set<CallId> ready_calls_;  // Calls that have something to hear.
  int64_t largest_memory_ = 0;    // While AssignWork runs.
  CheckpointIndex checkpoints_;
  UserShares shares_;
  UserQuotas quotas_;
  absl::Duration mean_attempt_duration_;  // How long an attempt takes, of late.
  WorkerFaults faults_;
  LostAttempts lost_;
  Decisions decisions_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CLUSTER_STATE_H_
