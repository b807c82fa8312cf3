// The coordinator's thread-safe heart: jobs in, work out, nothing lost.
//
//   ASSIGN_OR_RETURN(auto control, ControlPlane::Start(store, clock, ...));
//   ASSIGN_OR_RETURN(JobRecord job, control->Submit(caller, id, spec, bytes));
//   control->Synchronize(caller, request, [](auto response) { ... });
//
// A method that takes a Caller is a request from outside. Errors common to all
// of these: PermissionDenied (access.h), with nothing changed, and Unavailable
// (repeat). How changes are made: decision_loop.h.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/artifact_kind.h"
#include "common/clock.h"
#include "common/work_pool.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane_options.h"
#include "coordinator/control/control_plane_views.h"
#include "coordinator/control/decision_loop.h"
#include "coordinator/control/job_previews.h"
#include "coordinator/control/listeners.h"
#include "coordinator/control/quota_control.h"
#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/scheduling_policy.h"
#include "coordinator/state/worker.h"
#include "coordinator/store/store.h"

namespace atelier {

class Ratings;
/// Thread-safe. Callbacks run without locks held, most on one thread: they must
/// be quick, and may call Synchronize, Withdraw and Unwatch but nothing that
/// waits for an answer.
class ControlPlane {
 public:
  using Options = ControlPlaneOptions;
  using SyncCallback = Listeners::Answer;
  using SyncId = CallId;
  using WatchId = Listeners::WatchId;
  using SharedSpec = std::shared_ptr<const JobSpec>;

  /// Begins a new epoch, reads what is unfinished, starts the loop. Leases of
  /// before the restart go on, with a full lease from now. Lifetime: store,
  /// clock (which is read in the callers' threads) and policy must outlive it.
  /// Errors: the store's; Internal when a stored spec can't be decoded.
  static absl::StatusOr<std::unique_ptr<ControlPlane>> Start(
      Store& store, Clock& clock, SchedulingPolicy& policy, Options options);

  ~ControlPlane();  ///< Stops.
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;
  /// Stores a job. The same request id with the same bytes gives the first job.
  /// REQUIRES: the spec's tasks are valid; others fail when their turn comes.
  /// Errors: AlreadyExists (the request id was used for other bytes),
  ///         InvalidArgument (as TaskCount).
  absl::StatusOr<JobRecord> Submit(const Caller& caller,
                                   const RequestId& request_id, JobSpec spec,
                                   std::string spec_bytes);

  /// Errors: NotFound.
  absl::StatusOr<JobRecord> GetJob(const Caller& caller, const JobId& id);
  /// Newest first: at most `limit` jobs whose sequence is below `before`.
  absl::StatusOr<std::vector<JobRecord>> ListJobs(
      const Caller& caller, int limit,
      std::optional<int64_t> before = std::nullopt);
  /// At most `limit` tasks from index `first` on; of their rows, those that
  /// there are. Errors: NotFound.
  absl::StatusOr<TaskPage> ListTasks(const Caller& caller, const JobId& id,
                                     int64_t first, int limit);
  absl::StatusOr<Store::JobTasks> ListTaskRows(const Caller& caller,
                                               const JobId& id, int64_t first,
                                               int limit);
  /// The task's attempts that have ended, at most kKeptAttempts, by number.
  /// Errors: NotFound (no such job), InvalidArgument (no such task).
  absl::StatusOr<std::vector<AttemptRecord>> ListAttempts(const Caller& caller,
                                                          const TaskId& task);
  /// The job's leased tasks, at most `limit`, by index; empty once it ended.
  absl::StatusOr<std::vector<RunningAttempt>> ListRunning(const Caller& caller,
                                                          const JobId& id,
                                                          int limit);

  /// Ends what has not ended; a job that has stays as it is. Errors: NotFound.
  absl::StatusOr<JobRecord> Cancel(const Caller& caller, const JobId& id);
  /// Queues the failed and cancelled tasks again, also of a job that runs, or
  /// of `tasks` those that failed; what has none is left as it is. Errors:
  /// NotFound, FailedPrecondition (`tasks` of a job that was cancelled).
  absl::StatusOr<JobRecord> Retry(const Caller& caller, const JobId& id,
                                  const std::set<int64_t>& tasks = {});
  /// Of these tasks, those that succeeded. Errors: NotFound.
  absl::StatusOr<std::vector<TaskPicture>> FindPictures(
      const Caller& caller, const JobId& id, const std::set<int64_t>& indices);
  /// Queues those again that still have this picture; a job that has ended runs
  /// again. Returns their indices.
  /// Errors: NotFound, FailedPrecondition (it was cancelled).
  absl::StatusOr<std::vector<int64_t>> Repair(
      const Caller& caller, const JobId& id,
      const std::vector<TaskPicture>& lost);

  /// Gives nothing more of it out, and takes back what runs, at no cost to it.
  /// Errors, as of the next two: NotFound, FailedPrecondition (it has ended).
  absl::StatusOr<JobRecord> Pause(const Caller& caller, const JobId& id);
  absl::StatusOr<JobRecord> Resume(const Caller& caller, const JobId& id);
  /// Counts from the next assignment on.
  absl::StatusOr<JobRecord> SetPriority(const Caller& caller, const JobId& id,
                                        int priority);

  /// Why each of these jobs waits, or how long it will run.
  absl::StatusOr<std::vector<JobOutlook>> OutlooksOf(
      const Caller& caller, const std::vector<JobId>& ids);
  /// Removes a job that has ended, with its tasks, attempts and results: it is
  /// seen no more, and its rows go little by little. Returns it as it was.
  /// Errors: NotFound, FailedPrecondition (it has not ended).
  absl::StatusOr<JobRecord> DeleteJob(const Caller& caller, const JobId& id);

  /// Deletes a job that ended longer ago than this, and removes some rows of a
  /// deleted one. Returns whether there may be more. Called by one thread.
  absl::StatusOr<bool> RemoveOldRows(absl::Duration keep_jobs);
  /// Whether the caller may do this to the job. Errors: the store's, which is
  /// read only where it matters who owns a job that has ended.
  absl::Status CheckMay(const Caller& caller, Verb verb, const JobId& id);
  /// Whether jobs are private, and the caller is no admin.
  bool SeesOnlyOwn(const Caller& caller) const;

  /// Of a job that was read; null for one that has ended.
  SharedSpec FindSpec(const JobId& id);
  /// Errors: NotFound.
  absl::StatusOr<SharedSpec> GetSpec(const Caller& caller, const JobId& id);
  absl::StatusOr<bool> IsRunning(const AttemptToken& attempt);
  /// See IsReadBy (cluster_views.h).
  absl::StatusOr<bool> IsRead(const AttemptToken& attempt, ArtifactKind kind,
                              const std::string& digest);
  /// Whether it is a preview of the task, or the log of one of its attempts,
  /// running or ended. Errors: NotFound (no such job).
  absl::StatusOr<bool> IsNamedByTask(const Caller& caller, const TaskId& task,
                                     ArtifactKind kind,
                                     const std::string& digest);
  /// Live workers by name.
  absl::StatusOr<std::vector<WorkerView>> ListWorkers(const Caller& caller);
  std::vector<std::string> LiveWorkerNames();
  /// The worker gets nothing new from now on.
  /// Errors, as of the next: NotFound (no live worker has this name).
  absl::StatusOr<WorkerView> DrainWorker(const Caller& caller,
                                         const WorkerName& name);
  /// It takes work again, drained or quarantined.
  absl::StatusOr<WorkerView> ReleaseWorker(const Caller& caller,
                                           const WorkerName& name);

  /// Runs `done` exactly once: at once, when work appears, or when the long
  /// poll ends. A second call of the same worker ends the first with Aborted.
  /// Errors: InvalidArgument, AlreadyExists (see workers.proto).
  SyncId Synchronize(const Caller& caller, SyncRequest request,
                     SyncCallback done);
  /// The caller of Synchronize is gone. A parked call ends with Cancelled;
  /// what was answered already is sent again at the next call.
  void Withdraw(SyncId id);

  /// Runs `changed` after each commit or progress report that touches the job,
  /// until Unwatch, and perhaps once more while that runs.
  absl::StatusOr<WatchId> Watch(const Caller& caller, const JobId& id,
                                std::function<void()> changed);
  void Unwatch(WatchId id);
  /// Lets leases, workers and long polls run out. Call it a few times a second.
  void Tick();

  /// Ends waiting calls with Unavailable, and the thread. Safe to call twice.
  void Stop();
  /// Whether some checkpoint, committed or about to be, has it.
  bool NamesCheckpoint(const std::string& digest);
  /// On a disk with little room: starts nothing while `hold_work`, and drops
  /// the oldest checkpoints. Returns the bytes of these. Errors: Unavailable.
  absl::StatusOr<int64_t> SaveRoom(bool hold_work, int64_t shed_bytes);
  /// Whether workers are to bring no previews for now. Errors: Unavailable.
  absl::Status HoldPreviews(bool hold);
  int64_t epoch() const { return epoch_; }
  QuotaControl& quotas() { return quotas_; }
  JobPreviews& previews() { return previews_; }
  Ratings ratings();  ///< See ratings.h.
  ControlPlaneCounts Counts();
  /// Whether Synchronize answers this at once (heartbeat.h).
  bool IsHeartbeat(const Caller& caller, const SyncRequest& request);

  /// OK while calls can succeed; otherwise why they can't: stopped, the last
  /// transaction failed (Unavailable) or another coordinator took the store
  /// over (Aborted: exit, nothing will succeed again).
  absl::Status Health();

 private:
  ControlPlane(Store& store, Clock& clock, SchedulingPolicy& policy,
               Options options, int64_t epoch);

  bool Enqueue(LoopCommand& command);  // False, not done: it stops.
  // Waits, and returns what `answer` would hear.
  absl::Status Call(LoopCommand command);
  absl::Status Call(
      std::function<absl::Status(ClusterState&, absl::Time now)> decide);
  // As somebody asks for it, with its entry in the audit log.
  absl::Status Call(const Caller& caller, Verb verb, const JobId& id,
                    LoopCommand command, std::string message = "");
  absl::StatusOr<JobRecord> Update(
      const Caller& caller, Verb verb, const JobId& id,
      std::function<void(JobUpdate& update)> change, std::string message = "");
  absl::StatusOr<WorkerView> ChangeWorker(
      const Caller& caller, Verb verb, const WorkerName& name,
      absl::Status (ClusterState::*change)(const WorkerName& name));
  TaskView View(const JobRecord& job, const JobSpec& spec, int64_t index,
                const TaskRecord* row);

  void CountWaits(ControlPlaneCounts& counts) ABSL_LOCKS_EXCLUDED(loop_.mu());
  void RunLoop();  // On the thread that decides.

  Store& store_;
  Clock& clock_;
  const Options options_;
  const int64_t epoch_;
  absl::Mutex queue_mu_;
  std::vector<LoopCommand> queue_ ABSL_GUARDED_BY(queue_mu_);
  bool stopping_ ABSL_GUARDED_BY(queue_mu_) = false;

  Listeners listeners_;
  DecisionLoop loop_;
  QuotaControl quotas_;
  JobPreviews previews_;
  TaskId removing_;      // Of a deleted job: from here on its rows are left.
  WorkPool reader_{1};   // Of what assignments wait for.
  absl::Mutex join_mu_;  // Held while joining.
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_H_
