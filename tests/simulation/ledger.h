// What a store has committed, checked against a model of its own.
#ifndef ATELIER_TESTS_SIMULATION_LEDGER_H_
#define ATELIER_TESTS_SIMULATION_LEDGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/state/row_changes.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// What a store has said it made durable, and what was wrong with it.
/// Thread-compatible.
class Ledger {
 public:
  /// `is_poison` says which tasks their workers die of. Others must not fail
  /// for being interrupted or for what others do to their worker.
  explicit Ledger(std::function<bool(const TaskId&)> is_poison = nullptr)
      : is_poison_(std::move(is_poison)) {}

  /// A transaction that the store has made durable.
  void Record(const RowChanges& changes);
  /// A worker is told of what only a commit may tell it.
  void ExpectDurable(const SyncResponse& response);
  void AddFault(std::string fault) { faults_.push_back(std::move(fault)); }

  /// Empty while every commit was one that may be.
  const std::vector<std::string>& faults() const { return faults_; }
  int64_t successes(const TaskId& task) const;
  /// How many crashes were counted against the task since its job's last retry.
  int64_t crashes(const TaskId& task) const;
  int64_t late_crashes() const { return late_crashes_; }
  int64_t rows_written() const { return rows_written_; }
  int64_t reused() const { return reused_; }
  int64_t repaired() const { return repaired_; }
  /// Whether there was such a job, whose last row is gone.
  bool IsRemoved(const JobId& job) const { return removed_.count(job) > 0; }
  int64_t removed() const { return static_cast<int64_t>(removed_.size()); }

 private:
  void Take(const JobChange& job);
  void TakeCancel(const JobRecord& job, const std::set<TaskId>& ended);
  void Take(const TaskChange& change);
  void TakeLease(const TaskRecord& task);
  void TakeEnd(const TaskRecord& task);
  void TakeReuse(const TaskRecord& task);
  void TakeRepair(const TaskRecord& task);
  void TakeRetry(const TaskRecord& task);
  void Take(const TaskRemoval& removal);
  void TakeLateCrash(const TaskRecord& before, const TaskRecord& task);
  void ExpectRow(const TaskId& task, int number);
  void Release(const AttemptToken& token);
  void CountCrashes(const TaskRecord& task);
  void CheckGivenUp(const TaskRecord& task);

  const std::function<bool(const TaskId&)> is_poison_;
  std::map<TaskId, TaskRecord> rows_;  // As the store must have them.
  std::map<TaskId, AttemptToken> leased_;
  std::set<AttemptToken> granted_;
  std::set<AttemptToken> ended_;
  std::set<std::pair<TaskId, int>> attempts_;  // In the transaction.
  // By render: the attempts that hold a task, and how many.
  std::map<RenderKey, std::map<AttemptToken, int64_t>> live_;
  std::set<RenderKey> done_;  // Renders with a result.
  std::set<RenderKey> lost_;  // Of these: perhaps it is gone.
  std::map<TaskId, int64_t> successes_;
  std::map<TaskId, int64_t> crashes_;
  std::set<TaskId> failed_;
  std::set<JobId> removed_;
  int64_t late_crashes_ = 0;
  std::vector<std::string> faults_;
  int64_t rows_written_ = 0;
  int64_t reused_ = 0;
  int64_t repaired_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_LEDGER_H_
