// An unfinished job in memory. Its size follows from what is in flight, never
// from how many tasks the job has.
#ifndef ATELIER_COORDINATOR_STATE_JOB_H_
#define ATELIER_COORDINATOR_STATE_JOB_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/state/task_row.h"

namespace atelier {

/// The claimable tasks of a job are, in the order they are handed out:
///   1. ready: behind the cursor and queued again (handed back, or found by
///      paging through what failed before a retry);
///   2. fresh: without a row. Those from the cursor on, and the few before it
///      that were passed over for a neighbour whose inputs a worker held. Only
///      the kWindow first indices can be chosen from, so that nobody is passed
///      over for long, and a restart finds the ones without a row behind the
///      cursor in its last kWindow places.
/// Thread-compatible.
class Job {
 public:
  /// Rows of older generations that failed are paged in.
  Job(JobRecord record, std::shared_ptr<const JobSpec> spec);

  /// Its spec_bytes are there until ForgetSpecBytes.
  const JobRecord& record() const { return record_; }
  void ForgetSpecBytes() { record_.spec_bytes = std::string(); }
  const JobSpec& spec() const { return *spec_; }
  const std::shared_ptr<const JobSpec>& shared_spec() const { return spec_; }
  /// What the spec takes in memory.
  int64_t memory_bytes() const { return memory_bytes_; }
  /// SHA-256 of the spec's bytes.
  const std::string& spec_digest() const { return spec_digest_; }
  /// The leased tasks, by index.
  const std::map<int64_t, TaskRow>& leased() const { return leased_; }
  /// What its last tasks took that succeeded since it is here, by their
  /// workers; the later count more.
  std::optional<absl::Duration> mean_task_time() const {
    return mean_task_time_;
  }

  /// Among how many tasks a worker's inputs may choose.
  static constexpr int64_t kWindow = 64;

  /// Whether a task may be handed out now: neither paused nor at its limit.
  bool CanGive() const;
  /// The next task by index, ready ones first. Nothing while a page is needed.
  std::optional<int64_t> NextClaimable() const;
  /// The ready tasks, by index.
  const std::map<int64_t, TaskRow>& ready() const { return ready_; }
  /// The fresh tasks that can be claimed, by index, at most kWindow. Empty
  /// while a page is needed.
  std::vector<int64_t> FreshWindow() const;
  /// All that ready() and FreshWindow() can give next, at most 2 kWindow.
  std::vector<int64_t> Upcoming() const;
  /// Whether its tasks may have different pictures or weights.
  bool inputs_vary() const { return inputs_vary_; }

  // Changes of the job's row.

  void Steer(bool paused, int priority);
  /// What has not ended is cancelled.
  void Cancel(absl::Time now);
  /// Its last task has ended. REQUIRES: HasEnded().
  void End(absl::Time now);
  /// Runs again after its end, not paused: all but the succeeded are queued, in
  /// the next generation. REQUIRES: it failed or was cancelled.
  void Retry();
  /// Runs again after its end, not paused. REQUIRES: it succeeded or failed.
  void Reopen();
  /// Queues what failed, to be paged in, in the next generation. Returns what
  /// carries the tasks over that are ready or leased.
  std::vector<TaskChange> RetryFailed();
  /// The first explanation stays.
  void SetFailureReason(std::string message);

  // Changes of tasks, and of the job's counts. Each returns what is to be
  // written of the task.

  /// REQUIRES: it is ready or in the fresh window; as Refuse and Reuse.
  TaskChange Lease(int64_t index, const AttemptToken& token,
                   const WorkerName& worker, const InstanceId& instance,
                   absl::Time now);
  TaskChange Refuse(int64_t index, std::string message);
  TaskChange Reuse(int64_t index, const RenderKey& key,
                   const TaskResult& result);
  /// Ends an attempt; what is handed back is ready. REQUIRES: it is leased.
  TaskChange End(int64_t index, TaskEvent event, Outcome outcome,
                 AttemptCosts costs, std::string message,
                 std::optional<TaskResult> result = std::nullopt);
  /// As TaskRow. REQUIRES: it is ready or leased.
  TaskChange CountCrash(int64_t index, AttemptCosts costs, std::string message);
  /// As TaskRow. REQUIRES: it is ready.
  TaskChange GiveUp(int64_t index, AttemptCosts costs, std::string message);
  /// REQUIRES: the store has this row of it, and it succeeded, or failed in the
  ///           job's generation.
  TaskChange QueueAgain(TaskRecord ended);

  // What the store has, taken up again.

  /// Where the next page of stale failures starts, when one is needed.
  std::optional<TaskPosition> NeedsPageAfter() const;
  /// `last` says that no page follows.
  void AddPage(std::vector<TaskRecord> page, bool last);
  /// A fresh task behind the cursor.
  void RestorePassedOver(int64_t index);
  /// A task whose row says queued or leased, in this generation or another.
  void RestoreOpen(TaskRecord task);

  bool HasEnded() const {
    return record_.counts.queued == 0 && record_.counts.leased == 0;
  }

 private:
  TaskRow Claim(int64_t index);
  TaskRow& Open(int64_t index);
  // Runs again, not paused.
  void Wake();
  // Counts what the change did.
  TaskChange Counted(TaskState from, TaskChange change);
  void NoteTime(absl::Duration took);

  JobRecord record_;
  std::shared_ptr<const JobSpec> spec_;
  int64_t memory_bytes_ = 0;
  std::string spec_digest_;
  bool inputs_vary_ = false;
  std::set<int64_t> passed_over_;  // Fresh, behind the cursor.
  std::map<int64_t, TaskRow> ready_;
  std::map<int64_t, TaskRow> leased_;
  std::optional<TaskPosition> stale_after_;  // Absent: nothing to page in.
  std::optional<absl::Duration> mean_task_time_;
  int timed_tasks_ = 0;  // That the mean is of; no more than it looks back.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_JOB_H_
