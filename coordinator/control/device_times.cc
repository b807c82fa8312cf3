#include "coordinator/control/device_times.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/status_macros.h"

namespace atelier {
namespace {

// Of a job's last tasks; those that took another's result took no time.
absl::Status AddResultsOf(const JobRecord& job, const JobSpec& spec,
                          Store& store, const RenderLimits& limits,
                          RenderTimes& times) {
  const int64_t first =
      std::max<int64_t>(0, job.cursor - DeviceTimes::kRowsOfAJob);
  const absl::StatusOr<Store::JobTasks> tasks =
      store.ListTasks(job.id, first, DeviceTimes::kRowsOfAJob);
  if (absl::IsNotFound(tasks.status())) return absl::OkStatus();
  RETURN_IF_ERROR(tasks.status());
  for (const TaskRecord& row : tasks->rows) {
    if (!row.result.has_value() || row.attempts == 0) continue;
    const absl::StatusOr<TaskRender> task =
        MakeTask(spec, PointAt(spec, row.id.index), limits);
    if (!task.ok()) continue;
    std::optional<RenderClass> render = ClassOf(*task, spec);
    if (!render.has_value()) continue;
    const std::optional<TimedRender> timed =
        TimedOf(*std::move(render), *row.result, row.result->elapsed);
    if (timed.has_value()) times.Add(*timed);
  }
  return absl::OkStatus();
}

}  // namespace

void DeviceTimes::Add(const std::vector<TimedRender>& done) {
  if (done.empty()) return;
  absl::MutexLock lock(&mu_);
  for (const TimedRender& one : done) times_.Add(one);
}

absl::Status DeviceTimes::LoadHistory(Store& store, const SpecDecoder& decode,
                                      const RenderLimits& limits) {
  {
    absl::MutexLock lock(&mu_);
    if (has_history_) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::vector<JobRecord> jobs,
                   store.ListJobs(kJobs, std::nullopt));
  RenderTimes history;
  std::reverse(jobs.begin(), jobs.end());  // The last ones count most.
  for (const JobRecord& job : jobs) {
    // One that is of no use here has no times to tell.
    const auto spec = decode(job);
    if (!spec.ok()) continue;
    RETURN_IF_ERROR(AddResultsOf(job, **spec, store, limits, history));
  }
  absl::MutexLock lock(&mu_);
  if (!has_history_) times_.FillFrom(history);
  has_history_ = true;
  return absl::OkStatus();
}

void DeviceTimes::Fill(const std::string& profile,
                       std::vector<TaskPreview>& tasks) {
  absl::MutexLock lock(&mu_);
  for (TaskPreview& task : tasks) {
    if (!task.render.has_value()) continue;
    task.device_time = times_.Expect(*task.render, profile);
  }
}

}  // namespace atelier
