#include "coordinator/state/lookahead.h"

#include <cstdint>
#include <limits>
#include <utility>

namespace atelier {

void Lookahead::MakeRoom() {
  if (renders_.size() >= kMost) renders_.clear();
}

void Lookahead::Add(const TaskId& task, TaskRender render) {
  renders_.emplace(task, std::move(render));
}

std::optional<TaskRender> Lookahead::Take(const TaskId& task) {
  auto made = renders_.extract(task);
  if (made.empty()) return std::nullopt;
  return std::move(made.mapped());
}

void Lookahead::Forget(const JobId& job) {
  constexpr int64_t kLastIndex = std::numeric_limits<int64_t>::max();
  renders_.erase(renders_.lower_bound({job, 0}),
                 renders_.upper_bound({job, kLastIndex}));
}

}  // namespace atelier
