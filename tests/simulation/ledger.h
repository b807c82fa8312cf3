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

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "coordinator/state/mutation.h"

namespace atelier {

/// What a store has said it made durable, and what was wrong with it.
/// Thread-compatible.
class Ledger {
 public:
  /// `is_poison` says which tasks their workers die of. Others must not fail
  /// for being interrupted or for what others do to their worker.
  explicit Ledger(std::function<bool(const TaskId&)> is_poison = nullptr)
      : is_poison_(std::move(is_poison)) {}

  /// `statuses` are the store's answers to `mutations`.
  void Record(absl::Span<const Mutation> mutations,
              absl::Span<const absl::Status> statuses);

  /// The core knows what is durable: a refused mutation is its fault.
  void ExpectAll(absl::Span<const absl::Status> statuses);

  /// Empty while every commit was one that may be.
  const std::vector<std::string>& faults() const { return faults_; }
  int64_t successes(const TaskId& task) const;
  /// How many crashes were counted against the task since its job's last retry.
  int64_t crashes(const TaskId& task) const;
  int64_t late_crashes() const { return late_crashes_; }
  int64_t commits() const { return commits_; }
  int64_t reused() const { return reused_; }

 private:
  void Take(const LeaseTask& lease);
  void Take(const EndAttempt& end);
  void Take(const CountCrash& crash);
  void Take(const ReuseResult& reuse);
  void Take(const RetryJob& retry);
  void Take(const RetryFailedTasks& retry);
  void Take(const CancelJob& cancel);
  template <typename Other>
  void Take(const Other& /*other*/) {}
  void Release(const AttemptToken& token);
  void CountCrashes(const TaskId& task, const AttemptCosts& costs,
                    TaskState to);
  void CheckGivenUp(const TaskId& task, Outcome outcome);

  const std::function<bool(const TaskId&)> is_poison_;
  std::map<TaskId, AttemptToken> leased_;
  std::set<AttemptToken> granted_;
  // By render: the attempts that hold a task, and how many.
  std::map<RenderKey, std::map<AttemptToken, int64_t>> live_;
  std::set<RenderKey> done_;  // Renders with a result.
  std::map<TaskId, int64_t> successes_;
  std::map<TaskId, int64_t> crashes_;
  std::set<TaskId> failed_;
  int64_t late_crashes_ = 0;
  std::vector<std::string> faults_;
  int64_t commits_ = 0;
  int64_t reused_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_LEDGER_H_
