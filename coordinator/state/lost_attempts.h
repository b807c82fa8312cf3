// Attempts that ended as lost, for as long as their worker may still tell how.
#ifndef ATELIER_COORDINATOR_STATE_LOST_ATTEMPTS_H_
#define ATELIER_COORDINATOR_STATE_LOST_ATTEMPTS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "coordinator/state/ids.h"

namespace atelier {

struct LostAttempt {
  WorkerName worker;
  std::vector<TaskId> tasks;  ///< That were queued again.
};

/// Keeps the newest; what is older counts as lost for good.
/// Thread-compatible.
class LostAttempts {
 public:
  explicit LostAttempts(size_t capacity = 10'000) : capacity_(capacity) {}

  /// Adds tasks to what is known of the token. The worker of the first call
  /// stays.
  void Remember(const AttemptToken& token, const WorkerName& worker,
                const std::vector<TaskId>& tasks);
  /// Nothing when the token is not known (any more). Forgets it.
  std::optional<LostAttempt> Take(const AttemptToken& token);
  /// The job's tasks begin anew, or have ended.
  void ForgetJob(const JobId& job);
  /// This one begins anew.
  void ForgetTask(const TaskId& task);
  void Clear();
  size_t size() const { return attempts_.size(); }

 private:
  template <typename Predicate>
  void ForgetTasks(Predicate is_forgotten);

  const size_t capacity_;
  std::map<AttemptToken, LostAttempt> attempts_;
  std::deque<AttemptToken> order_;  // Oldest first; has some that are gone.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_LOST_ATTEMPTS_H_
