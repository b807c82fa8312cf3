// One batch after another: reads what is needed, decides, commits, answers.
//
// How ControlPlane keeps its promises: every call that changes something is a
// command in one queue. The loop takes all that wait, has ClusterState decide
// on them against the picture in memory, makes the rows durable in one
// transaction (group commit), and only then has them answered, by a second
// thread. No lock is held while the disk works. What is read comes from the
// store, so nobody sees what a crash could take back; only progress and workers
// come from memory.
//
// Two things need not wait for the disk. What assigning work needs to know is
// read beside the loop, which goes on meanwhile: TakeRead. And a call by which
// a worker only goes on with what it has is answered at once: AnswerHeartbeat.
//
// When a transaction fails, everybody in the batch and every parked call is
// answered Unavailable, and the picture is rebuilt from the store before the
// next batch: memory is never ahead of the disk. Every call is safe to repeat.
//
// Without threads of its own, so that ControlPlane can run it on one, and tests
// can run it step by step and let the store fail between any two.
//
//   DecisionLoop loop(store, policy, epoch, options, listener);
//   RETURN_IF_ERROR(loop.Load(clock));
//   bool more = loop.Run(std::move(commands));
//   if (auto read = loop.TakeRead()) ...  // Perhaps on another thread:
//     commands.push_back(loop.Read(*read));
#ifndef ATELIER_COORDINATOR_CONTROL_DECISION_LOOP_H_
#define ATELIER_COORDINATOR_CONTROL_DECISION_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/control/control_plane_options.h"
#include "coordinator/control/control_plane_views.h"
#include "coordinator/control/decision_listener.h"
#include "coordinator/control/device_times.h"
#include "coordinator/control/recent_jobs.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/scheduling_policy.h"
#include "coordinator/state/worker.h"
#include "coordinator/store/store.h"

namespace atelier {

class DecisionLoop;

/// Something to be decided on.
struct LoopCommand {
  absl::Time now;
  /// Reads from the store what `decide` needs; may be null. Its failure is the
  /// command's answer. No lock is held.
  std::function<absl::Status(DecisionLoop&)> read;
  /// Whatever was decided earlier is durable before it is read.
  bool reads_all = false;
  std::function<absl::Status(ClusterState&, absl::Time now)> decide;
  /// Hears decide's status once it is durable, or Unavailable; may be null.
  std::function<void(const absl::Status&)> answer;
  /// Becomes an entry of the audit log in the transaction of what was decided;
  /// null: it is none. `decide` may add to it, and its outcome is filled in.
  std::shared_ptr<AuditRecord> audit;
  /// The worker's call that it is, which the ClusterState answers.
  std::optional<CallId> call;
  /// What was asked for by this TakeRead can't be read: as if a transaction
  /// failed.
  std::optional<int64_t> failed_read;
  absl::Status why_failed;
};

/// What more assignments wait for.
struct PendingRead {
  int64_t number = 0;
  StoreReads wanted;
};

/// One thread at a time may call what changes it: Load, Run and the reads of
/// commands. Others may look under mu() meanwhile.
class DecisionLoop {
 public:
  /// Lifetime: store, policy and listener must outlive it.
  DecisionLoop(Store& store, SchedulingPolicy& policy, int64_t epoch,
               const ControlPlaneOptions& options, DecisionListener& listener);

  /// Takes up what the store has. Leases run from `now()`, which is asked when
  /// all is read.
  /// Errors: the store's; Internal when a stored spec can't be decoded.
  absl::Status Load(const std::function<absl::Time()>& now)
      ABSL_LOCKS_EXCLUDED(mu_);

  /// Commits the commands in their order, in one transaction or several. After
  /// one that failed, everybody in it and every waiting call has heard
  /// Unavailable, and the next begins with what the store has. Returns whether
  /// there is more to decide, without a new command.
  bool Run(std::vector<LoopCommand> commands) ABSL_LOCKS_EXCLUDED(mu_);

  /// What is to be read now that all that was decided is durable: each once.
  std::optional<PendingRead> TakeRead() ABSL_LOCKS_EXCLUDED(mu_);
  /// Reads it. Returns the command that brings the answers, without its `now`.
  /// Thread-safe.
  LoopCommand Read(const PendingRead& read) const;

  /// See ClusterState. Whether this transaction or that succeeds does not
  /// matter to it. Thread-safe.
  std::optional<SyncResponse> AnswerHeartbeat(const SyncRequest& request,
                                              absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);

  // What commands read with.
  Store& store() { return store_; }
  absl::StatusOr<std::shared_ptr<const JobSpec>> DecodeSpec(
      const JobRecord& job) const;
  absl::StatusOr<StoredJob> LoadJob(JobRecord record);
  /// Whether the job is unfinished.
  bool Has(const JobId& id) ABSL_LOCKS_EXCLUDED(mu_);
  /// The next of the jobs' sequence.
  int64_t NextSequence() { return ++last_sequence_; }

  /// Thread-safe.
  const RecentJobs& recent_jobs() const { return recent_; }
  DeviceTimes& device_times() { return device_times_; }

  /// Held while deciding, never while the store works.
  absl::Mutex& mu() ABSL_LOCK_RETURNED(mu_) { return mu_; }
  const ClusterState& state() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return state_;
  }
  const LoopCounts& counts() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return counts_;
  }
  /// OK while transactions succeed; Aborted: never again.
  const absl::Status& health() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return health_;
  }

 private:
  void RunBatch(std::vector<LoopCommand> batch);
  absl::StatusOr<Decisions> Decide(std::vector<LoopCommand>& batch,
                                   std::vector<absl::Status>& statuses);
  absl::StatusOr<StoreAnswers> Read(const StoreReads& wanted) const;
  absl::Status LoadRecentJobs();
  absl::Status Commit(const Decisions& decisions);
  void Fail(const absl::Status& why);

  Store& store_;
  const ControlPlaneOptions& options_;
  DecisionListener& listener_;
  RecentJobs recent_;
  DeviceTimes device_times_;

  absl::Mutex mu_;
  ClusterState state_ ABSL_GUARDED_BY(mu_);
  LoopCounts counts_ ABSL_GUARDED_BY(mu_);
  absl::Status health_ ABSL_GUARDED_BY(mu_);

  int64_t last_sequence_ = 0;
  int64_t last_read_ = 0;
  std::optional<int64_t> read_under_way_;
  bool must_load_ = false;
  bool more_work_ = false;
  absl::Time now_ = absl::InfinitePast();  // Of the latest command.
  absl::Time decided_at_ = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_DECISION_LOOP_H_
