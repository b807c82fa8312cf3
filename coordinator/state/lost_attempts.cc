#include "coordinator/state/lost_attempts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace atelier {

void LostAttempts::Remember(const AttemptToken& token, const WorkerName& worker,
                            const std::vector<TaskId>& tasks) {
  if (tasks.empty()) return;
  const auto [found, is_new] = attempts_.try_emplace(token);
  LostAttempt& lost = found->second;
  lost.tasks.insert(lost.tasks.end(), tasks.begin(), tasks.end());
  if (!is_new) return;
  lost.worker = worker;
  order_.push_back(token);
  while (order_.size() > capacity_) {
    attempts_.erase(order_.front());
    order_.pop_front();
  }
}

std::optional<LostAttempt> LostAttempts::Take(const AttemptToken& token) {
  auto found = attempts_.extract(token);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void LostAttempts::ForgetJob(const JobId& job) {
  for (auto it = attempts_.begin(); it != attempts_.end();) {
    std::vector<TaskId>& tasks = it->second.tasks;
    tasks.erase(
        std::remove_if(tasks.begin(), tasks.end(),
                       [&](const TaskId& task) { return task.job == job; }),
        tasks.end());
    it = tasks.empty() ? attempts_.erase(it) : std::next(it);
  }
}

void LostAttempts::Clear() {
  attempts_.clear();
  order_.clear();
}

}  // namespace atelier
