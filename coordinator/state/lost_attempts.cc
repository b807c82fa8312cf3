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

template <typename Predicate>
void LostAttempts::ForgetTasks(Predicate is_forgotten) {
  for (auto it = attempts_.begin(); it != attempts_.end();) {
    std::vector<TaskId>& tasks = it->second.tasks;
    tasks.erase(std::remove_if(tasks.begin(), tasks.end(), is_forgotten),
                tasks.end());
    it = tasks.empty() ? attempts_.erase(it) : std::next(it);
  }
}

void LostAttempts::ForgetJob(const JobId& job) {
  ForgetTasks([&](const TaskId& task) { return task.job == job; });
}

void LostAttempts::ForgetTask(const TaskId& forgotten) {
  ForgetTasks([&](const TaskId& task) { return task == forgotten; });
}

void LostAttempts::Clear() {
  attempts_.clear();
  order_.clear();
}

}  // namespace atelier
