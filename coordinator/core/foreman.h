// Who does what: the coordinator's decisions, pure. Time is passed in, nothing
// is read or written, and the same calls give the same decisions.
//
//   Foreman foreman(policy, epoch, options);
//   foreman.Synchronize(call, request, now);
//   foreman.AssignWork(now);
//   Decisions decisions = foreman.TakeDecisions();
//   // Make decisions.mutations durable, then send decisions.answers.
//
// The picture in memory runs ahead of the disk by what TakeDecisions has not
// been made durable yet. When that fails, throw it away: Restore.
#ifndef ATELIER_COORDINATOR_CORE_FOREMAN_H_
#define ATELIER_COORDINATOR_CORE_FOREMAN_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/render/resolve.h"
#include "coordinator/core/job_queue.h"
#include "coordinator/core/lease_table.h"
#include "coordinator/core/mutation.h"
#include "coordinator/core/roster.h"
#include "coordinator/core/scheduling_policy.h"
#include "coordinator/core/user_shares.h"
#include "coordinator/core/worker.h"

namespace atelier {

struct ForemanOptions {
  absl::Duration lease = absl::Seconds(30);
  absl::Duration long_poll = absl::Seconds(20);
  absl::Duration sync_interval = absl::Seconds(2);  ///< While rendering.
  RetryLimits retries;
  RenderLimits renders;
  ShareOptions shares;
  /// A worker that failed this many tasks which another then completed, less
  /// those it completed itself, gets nothing more.
  int quarantine_after = 3;
};

/// Things that happened.
struct ForemanCounts {
  std::array<int64_t, kOutcomeCount + 1> outcomes{};  ///< By Outcome's number.
  int64_t late_reports = 0;  ///< Late or doubled, and ignored.
  int64_t leases_granted = 0;
  int64_t leases_expired = 0;
  int64_t assignments_resent = 0;
  int64_t tasks_refused = 0;
  int64_t jobs_submitted = 0;
  int64_t workers_quarantined = 0;

  ForemanCounts& operator+=(const ForemanCounts& other);
};

/// What was decided since the last TakeDecisions.
struct Decisions {
  std::vector<Mutation> mutations;
  /// To be sent once the mutations are durable.
  std::vector<std::pair<CallId, absl::StatusOr<SyncResponse>>> answers;
  std::set<JobId> touched;  ///< Jobs whose state or progress changed.
  ForemanCounts counts;
};

/// A running job as the store has it.
struct StoredJob {
  JobRecord record;
  std::shared_ptr<const JobSpec> spec;
  std::vector<TaskRecord> open_tasks;  ///< As Store::LoadOpenTasks.
  /// Indices without a row among the last Job::kWindow before the cursor.
  std::vector<int64_t> passed_over;
};

/// A page of tasks that failed before a retry, to be read for a job.
struct StalePageRequest {
  JobId job;
  int64_t generation = 0;
  TaskPosition after;
  int limit = 0;
};

/// Thread-compatible.
class Foreman {
 public:
  /// Lifetime: the policy must outlive it.
  Foreman(SchedulingPolicy& policy, int64_t epoch, ForemanOptions options);

  /// Forgets jobs, leases and decisions, and takes up what the store has.
  /// Leases run a full length from now. Workers stay; waiting calls end with
  /// Unavailable, and so does what was decided for others: their ids are
  /// returned.
  std::vector<CallId> Restore(std::vector<StoredJob> jobs, absl::Time now);

  /// REQUIRES: a job that queue() does not have, all of whose tasks are queued.
  void AddJob(JobRecord record, std::shared_ptr<const JobSpec> spec);
  /// REQUIRES: queue() has the job.
  void Cancel(const JobId& id, absl::Time now);
  /// Pausing takes back what runs, at no cost to it; a priority counts from
  /// the next assignment on. REQUIRES: queue() has the job.
  void Steer(const JobId& id, bool paused, int priority, absl::Time now);
  /// `ended` is the job as the store has it, failed or cancelled.
  void Retry(StoredJob ended);

  /// Takes reports, extends leases, and leaves the call waiting for AssignWork.
  void Synchronize(CallId call, SyncRequest request, absl::Time now);
  /// Ends a waiting call with Cancelled; no effect on one that has ended.
  void Withdraw(CallId call, absl::Time now);
  /// The worker gets nothing new, and its waiting call hears of it.
  /// Errors: NotFound when no live worker has this name.
  absl::Status Drain(const WorkerName& name);
  /// Ends what an operator's Drain or a quarantine began.
  /// Errors: NotFound when no live worker has this name.
  absl::Status Release(const WorkerName& name);
  /// Lets leases, workers and waiting calls run out.
  void Tick(absl::Time now);

  /// Leases claimable tasks to waiting calls, longest waiting first, and ends
  /// the calls that have something to hear. Returns whether it stopped at its
  /// bound on refused tasks and must be called again.
  bool AssignWork(absl::Time now);

  /// While this has a value, read the page and give it to AddStalePage.
  std::optional<StalePageRequest> NeedsPage() const;
  void AddStalePage(const StalePageRequest& request,
                    const std::vector<TaskPosition>& page);

  Decisions TakeDecisions();

  const JobQueue& queue() const { return queue_; }
  int waiting_calls() const { return static_cast<int>(calls_.size()); }
  int live_workers() const {
    return static_cast<int>(roster_.workers().size());
  }
  int quarantined_workers() const;
  /// By index, at most `limit`.
  std::vector<RunningAttempt> Running(const JobId& id, int limit) const;
  /// Null when the token holds nothing.
  const AttemptProgress* Progress(const AttemptToken& token) const;
  /// By name.
  std::vector<WorkerView> Workers() const;

 private:
  // A lease and what is known of it.
  struct Attempt {
    TaskId task;
    WorkerName worker;
    InstanceId instance;
    AttemptCosts costs;  // Of the attempts before it.
    std::string user;    // Whose share it uses.
    absl::Time granted_at;
    absl::Duration charged;  // Of its time, so far.
    AttemptProgress progress;
    bool confirmed = false;  // The worker has said that it runs it.
  };
  // A call that was not answered yet.
  struct Call {
    WorkerName worker;
    absl::Time deadline;
    SyncResponse response;
  };

  // The parts of Synchronize, in their order (foreman_sync.cc).
  void TakeReports(SyncRequest& request, SyncResponse& response);
  void TakeProgress(const SyncRequest& request, SyncResponse& response);
  void SettleUnlisted(const SyncRequest& request, Worker& worker,
                      SyncResponse& response);

  bool AssignOne(Worker& worker, SyncResponse& response, int& refusals);
  void Grant(const TaskId& task, const TaskRender& render, Worker& worker,
             SyncResponse& response);
  void Refuse(const TaskId& task, absl::string_view why);

  // Ends a lease by its outcome. `result` is read only when it succeeded.
  void EndLease(const AttemptToken& token, Outcome outcome,
                absl::string_view said, TaskResult result = {});
  // Ends a lease at no cost to the task, which is queued again.
  void TakeBack(const AttemptToken& token, absl::string_view why);
  // Brings what its user was charged up to the attempt's age.
  void Charge(Attempt& attempt);
  // What the end of an attempt says about workers.
  void Blame(const TaskId& task, const WorkerName& worker, Outcome outcome,
             TaskState to);
  void Accuse(const WorkerName& name);
  void ForgetBlame(const JobId& job);

  // Forgets the attempt; a waiting call of its worker is told to stop it.
  void Drop(const AttemptToken& token);
  void Explain(const TaskId& task, absl::string_view why);
  void EndJobIfDone(const JobId& id);

  void TakeUp(StoredJob job);
  void Adopt(const TaskRecord& row);
  void Answer(CallId id);
  void Reject(CallId id, absl::Status why);

  SchedulingPolicy& policy_;
  const int64_t epoch_;
  const ForemanOptions options_;
  absl::Time now_;           // Of the call that is being decided.
  int64_t last_number_ = 0;  // Of the attempts of this epoch.
  JobQueue queue_;
  Roster roster_;
  LeaseTable leases_;
  std::map<AttemptToken, Attempt> attempts_;
  std::map<CallId, Call> calls_;
  std::set<CallId> due_;        // Calls that have something to hear.
  int64_t largest_memory_ = 0;  // While AssignWork runs.
  UserShares shares_;
  absl::Duration usual_;  // How long an attempt takes, of late.
  // Who failed tasks that are to be tried again.
  std::map<TaskId, std::set<WorkerName>> failed_by_;
  Decisions decisions_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_FOREMAN_H_
