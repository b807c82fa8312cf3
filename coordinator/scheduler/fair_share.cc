#include "coordinator/scheduler/fair_share.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "coordinator/scheduler/task_choice.h"
#include "coordinator/state/fitness.h"

namespace atelier {
namespace {

std::set<JobRank> JobsFor(const WorkerDescription& worker, const UserJobs& user,
                          size_t at_most) {
  std::set<JobRank> ranks;
  for (const auto& [needs, giving] : user.giving) {
    if (!IsFit(worker, needs)) continue;
    size_t taken = 0;
    for (const JobRank& rank : giving) {
      if (taken++ == at_most) break;
      ranks.insert(rank);
    }
  }
  return ranks;
}

std::optional<TaskId> NextOf(const UserJobs& user, const SchedulingView& view,
                             const WorkerDescription& worker) {
  // Nearly always the first job has a task for the worker.
  for (size_t at_most : {size_t{1}, user.giving.size() + user.jobs}) {
    for (const JobRank& rank : JobsFor(worker, user, at_most)) {
      const Job& job = view.queue.by_sequence().at(rank.sequence);
      const std::optional<int64_t> index =
          ChooseTask(job, worker, view.largest_memory_bytes);
      if (index.has_value()) return TaskId{job.record().id, *index};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<TaskId> FairSharePolicy::Next(const SchedulingView& view,
                                            const WorkerDescription& worker) {
  std::vector<std::pair<double, const UserJobs*>> users;
  for (const auto& [name, user] : view.queue.users()) {
    if (user.giving.empty()) continue;
    const int64_t most = view.quotas.Of(name).max_running_tasks;
    if (most > 0 && user.leased >= most) continue;
    const bool first = view.first_user != nullptr && *view.first_user == name;
    users.emplace_back(first ? -1 : view.shares.Used(name), &user);
  }
  // By name where use is equal: stable, and the map is in that order.
  std::stable_sort(
      users.begin(), users.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [used, user] : users) {
    std::optional<TaskId> task = NextOf(*user, view, worker);
    if (task.has_value()) return task;
  }
  return std::nullopt;
}

}  // namespace atelier
