#include "coordinator/scheduler/task_choice.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/state/fitness.h"

namespace atelier {
namespace {

int MissingInputs(const Job& job, int64_t index,
                  const WorkerDescription& worker) {
  const Point point = PointAt(job.spec(), index);
  int missing = 0;
  for (const std::string* digest : NamedInputs(point.patch)) {
    if (!std::binary_search(worker.held_inputs.begin(),
                            worker.held_inputs.end(), *digest)) {
      ++missing;
    }
  }
  return missing;
}

// REQUIRES: candidates are sorted.
std::optional<int64_t> FewestMissing(const Job& job,
                                     const std::vector<int64_t>& candidates,
                                     const WorkerDescription& worker) {
  if (candidates.empty()) return std::nullopt;
  if (!job.inputs_vary() || worker.held_inputs.empty()) {
    return candidates.front();
  }
  std::pair<int, int64_t> best{MissingInputs(job, candidates[0], worker),
                               candidates[0]};
  for (size_t i = 1; i < candidates.size() && best.first > 0; ++i) {
    best =
        std::min(best, std::make_pair(MissingInputs(job, candidates[i], worker),
                                      candidates[i]));
  }
  return best.second;
}

}  // namespace

std::optional<int64_t> ChooseTask(const Job& job,
                                  const WorkerDescription& worker,
                                  int64_t largest_memory_bytes) {
  if (job.ready().empty() && !job.inputs_vary()) return job.NextClaimable();
  std::vector<int64_t> ready;
  for (const auto& [index, task] : job.ready()) {
    if (static_cast<int64_t>(ready.size()) == Job::kWindow) break;
    if (IsAboveFloor(worker.memory_bytes, task.costs().memory_floor_bytes,
                     largest_memory_bytes)) {
      ready.push_back(index);
    }
  }
  const std::optional<int64_t> choice = FewestMissing(job, ready, worker);
  if (choice.has_value()) return choice;
  return FewestMissing(job, job.FreshWindow(), worker);
}

}  // namespace atelier
