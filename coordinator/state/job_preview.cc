#include "coordinator/state/job_preview.h"

#include <algorithm>
#include <map>
#include <utility>

#include "coordinator/state/fitness.h"

namespace atelier {

JobPreview PreviewTasks(const JobSpec& spec, int64_t first, int limit,
                        const RenderLimits& limits) {
  JobPreview preview;
  preview.task_count = *TaskCount(spec);
  preview.shares_results = !spec.no_cache;
  // No sum of what a caller gave: it may be the largest number there is.
  const int64_t left = preview.task_count - std::min(first, preview.task_count);
  for (int64_t i = 0; i < std::min<int64_t>(limit, left); ++i) {
    Point point = PointAt(spec, first + i);
    TaskPreview& task = preview.tasks.emplace_back();
    task.index = first + i;
    const absl::StatusOr<TaskRender> made = MakeTask(spec, point, limits);
    if (made.ok()) {
      task.key = made->key;
      task.render = ClassOf(*made, spec);
    }
    task.labels = std::move(point.labels);
  }
  return preview;
}

std::set<RenderKey> KeysOf(const JobPreview& preview) {
  std::set<RenderKey> keys;
  if (!preview.shares_results) return keys;
  for (const TaskPreview& task : preview.tasks) {
    if (task.key.has_value()) keys.insert(*task.key);
  }
  return keys;
}

void OfferResults(const std::vector<StoredResult>& results, int engine_version,
                  const WorkerNeeds& needs, JobPreview& preview) {
  if (!preview.shares_results) return;
  std::map<RenderKey, std::set<std::string>> pictures;
  for (const StoredResult& one : results) {
    if (!MayReuse(one.result.arithmetic, engine_version, needs)) continue;
    pictures[one.key].insert(one.result.image_digest);
  }
  for (TaskPreview& task : preview.tasks) {
    if (!task.key.has_value()) continue;
    const auto found = pictures.find(*task.key);
    if (found != pictures.end()) task.pictures = found->second;
  }
}

std::set<std::string> PicturesOf(const JobPreview& preview) {
  std::set<std::string> all;
  for (const TaskPreview& task : preview.tasks) {
    all.insert(task.pictures.begin(), task.pictures.end());
  }
  return all;
}

void SettleResults(const std::set<std::string>& present, JobPreview& preview) {
  std::set<RenderKey> seen;
  for (TaskPreview& task : preview.tasks) {
    if (!task.key.has_value() || !preview.shares_results) continue;
    const bool is_there =
        std::any_of(task.pictures.begin(), task.pictures.end(),
                    [&](const std::string& one) { return present.count(one); });
    const bool is_first = seen.insert(*task.key).second;
    if (!is_there && is_first) continue;
    task.has_result = true;
    task.device_time = absl::ZeroDuration();
  }
}

}  // namespace atelier
