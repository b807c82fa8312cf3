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

#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"

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
  /// `record.spec_bytes` is not kept. `stale` says that rows of older
  /// generations which failed are to be paged in.
  Job(JobRecord record, std::shared_ptr<const JobSpec> spec, bool stale);

  const JobRecord& record() const { return record_; }
  const JobSpec& spec() const { return *spec_; }
  const std::shared_ptr<const JobSpec>& shared_spec() const { return spec_; }
  /// What the spec takes in memory.
  int64_t memory_bytes() const { return memory_bytes_; }
  /// SHA-256 of the spec's bytes.
  const std::string& spec_digest() const { return spec_digest_; }
  const std::map<int64_t, AttemptToken>& leased() const { return leased_; }

  /// Among how many tasks a worker's inputs may choose.
  static constexpr int64_t kWindow = 64;

  /// Whether a task may be handed out now: neither paused nor at its limit.
  bool CanGive() const;
  /// The next task by index, ready ones first. Nothing while a page is needed.
  std::optional<int64_t> NextClaimable() const;
  /// What attempts of ready tasks have cost, by index.
  const std::map<int64_t, AttemptCosts>& ready() const { return ready_; }
  /// The fresh tasks that can be claimed, by index, at most kWindow. Empty
  /// while a page is needed.
  std::vector<int64_t> FreshWindow() const;
  /// All that ready() and FreshWindow() can give next, at most 2 kWindow.
  std::vector<int64_t> Upcoming() const;
  /// Whether its tasks may have different pictures or weights.
  bool inputs_vary() const { return inputs_vary_; }

  void Update(bool paused, int priority);
  /// Begins the next generation: what failed is queued, and to be paged in.
  void RetryFailed();

  /// Where the next page of stale failures starts, when one is needed.
  std::optional<TaskPosition> NeedsPageAfter() const;
  /// Errors: none. `last` says that no page follows.
  void AddPage(const std::vector<TaskPosition>& page, bool last);

  /// A fresh task behind the cursor, found when the job is restored.
  void RestorePassedOver(int64_t index);
  /// A task that was queued again, found when the job is restored.
  void RestoreReady(int64_t index, AttemptCosts costs);
  /// A task whose lease outlived a restart.
  void RestoreLease(int64_t index, const AttemptToken& token);

  /// queued -> leased. Returns what the task's attempts have cost so far.
  /// REQUIRES: index is ready or in the fresh window.
  AttemptCosts Lease(int64_t index, const AttemptToken& token);
  /// leased -> `to`; kQueued makes it ready.
  /// REQUIRES: the task is leased.
  void End(int64_t index, TaskState to, AttemptCosts costs);
  /// What a queued task has cost turns out to be something else.
  /// REQUIRES: it is ready.
  void SetCosts(int64_t index, AttemptCosts costs);
  /// queued -> failed. REQUIRES: as Lease.
  void Refuse(int64_t index);
  /// queued -> succeeded. REQUIRES: as Lease.
  void Reuse(int64_t index);
  /// succeeded -> queued. REQUIRES: the task succeeded.
  void Repair(int64_t index);
  /// The first explanation stays. Returns whether this is it.
  bool SetFailureReason(std::string message);

  bool HasEnded() const {
    return record_.counts.queued == 0 && record_.counts.leased == 0;
  }

 private:
  AttemptCosts Claim(int64_t index);

  JobRecord record_;
  std::shared_ptr<const JobSpec> spec_;
  int64_t memory_bytes_ = 0;
  std::string spec_digest_;
  bool inputs_vary_ = false;
  std::set<int64_t> passed_over_;  // Fresh, behind the cursor.
  std::map<int64_t, AttemptCosts> ready_;
  std::map<int64_t, AttemptToken> leased_;
  std::optional<TaskPosition> stale_after_;  // Absent: nothing to page in.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_JOB_H_
