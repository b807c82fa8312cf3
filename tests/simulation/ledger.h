// What a store has committed, checked against a model of its own.
#ifndef ATELIER_TESTS_SIMULATION_LEDGER_H_
#define ATELIER_TESTS_SIMULATION_LEDGER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "coordinator/core/mutation.h"

namespace atelier {

/// What a store has said it made durable, and what was wrong with it.
/// Thread-compatible.
class Ledger {
 public:
  /// `statuses` are the store's answers to `mutations`.
  void Record(absl::Span<const Mutation> mutations,
              absl::Span<const absl::Status> statuses);

  /// The core knows what is durable: a refused mutation is its fault.
  void ExpectAll(absl::Span<const absl::Status> statuses);

  /// Empty while every commit was one that may be.
  const std::vector<std::string>& faults() const { return faults_; }
  int64_t successes(const TaskId& task) const;
  int64_t commits() const { return commits_; }
  int64_t reused() const { return reused_; }

 private:
  void Take(const LeaseTask& lease);
  void Take(const EndAttempt& end);
  void Take(const ReuseResult& reuse);
  void Take(const CancelJob& cancel);
  template <typename Other>
  void Take(const Other& /*other*/) {}
  void Release(const AttemptToken& token);

  std::map<TaskId, AttemptToken> leased_;
  std::set<AttemptToken> granted_;
  // By render: the attempts that hold a task, and how many.
  std::map<RenderKey, std::map<AttemptToken, int64_t>> live_;
  std::set<RenderKey> done_;  // Renders with a result.
  std::map<TaskId, int64_t> successes_;
  std::vector<std::string> faults_;
  int64_t commits_ = 0;
  int64_t reused_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_LEDGER_H_
