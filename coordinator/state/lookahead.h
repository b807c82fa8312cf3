// Renders of tasks whose turn comes next, made before it.
#ifndef ATELIER_COORDINATOR_STATE_LOOKAHEAD_H_
#define ATELIER_COORDINATOR_STATE_LOOKAHEAD_H_

#include <cstddef>
#include <map>
#include <optional>

#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

/// Thread-compatible.
class Lookahead {
 public:
  /// It holds no more than this and what one job has next.
  static constexpr size_t kMost = 256;

  /// Forgets all when it is full: whoever asks next makes his own again.
  void MakeRoom();
  /// Lifetime: the render points into its job's spec, until Take or Forget.
  void Add(const TaskId& task, TaskRender render);
  std::optional<TaskRender> Take(const TaskId& task);
  void Forget(const JobId& job);
  void Clear() { renders_.clear(); }
  size_t size() const { return renders_.size(); }

 private:
  std::map<TaskId, TaskRender> renders_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_LOOKAHEAD_H_
