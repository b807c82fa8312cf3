#include "client/lib/outlook.h"

#include <algorithm>
#include <utility>

#include "client/lib/client.h"
#include "client/lib/draft_of_job.h"
#include "client/lib/points.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

constexpr int kPreviewPage = 1000;

// Where the pages begin that are looked at: all, or as many spread evenly.
std::vector<int64_t> PageStarts(int64_t task_count) {
  const int64_t pages =
      (std::min(task_count, kMostLookedAt) + kPreviewPage - 1) / kPreviewPage;
  const bool has_more = task_count > kMostLookedAt;
  std::vector<int64_t> starts;
  for (int64_t i = 0; i < pages; ++i) {
    starts.push_back(has_more ? task_count / pages * i : kPreviewPage * i);
  }
  return starts;
}

absl::Duration DeviceTimeOf(const v1::TaskPreview& task) {
  return absl::Seconds(task.device_time().seconds()) +
         absl::Nanoseconds(task.device_time().nanos());
}

absl::StatusOr<SweepShape> ShapeOfJob(const v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(const JobDraft draft, DraftOfJob(spec));
  SweepShape shape = ShapeOf(draft);
  if (draft.sweep == Sweep::kRandom) {
    shape.mode = SweepMode::kRandom;
    shape.sample_count = draft.sample_count;
    shape.sample_seed = draft.sample_seed;
  }
  return shape;
}

}  // namespace

absl::StatusOr<Outlook> LookAhead(Client& client, const v1::JobSpec& spec) {
  Outlook outlook;
  std::vector<int64_t> starts = {0};
  for (size_t i = 0; i < starts.size(); ++i) {
    ASSIGN_OR_RETURN(v1::PreviewJobResponse page,
                     client.PreviewJob(spec, starts[i], kPreviewPage));
    if (i == 0) starts = PageStarts(page.task_count());
    outlook.task_count = page.task_count();
    outlook.missing_digests.insert(page.missing_digests().begin(),
                                   page.missing_digests().end());
    std::move(page.mutable_tasks()->begin(), page.mutable_tasks()->end(),
              std::back_inserter(outlook.tasks));
  }
  return outlook;
}

absl::StatusOr<Outlook> LookAheadAlone(const v1::JobSpec& spec) {
  ASSIGN_OR_RETURN(const SweepShape shape, ShapeOfJob(spec));
  Outlook outlook;
  ASSIGN_OR_RETURN(outlook.task_count, SweepSize(shape));
  for (const int64_t start : PageStarts(outlook.task_count)) {
    const int64_t end =
        start + std::min<int64_t>(kPreviewPage, outlook.task_count - start);
    for (int64_t index = start; index < end; ++index) {
      v1::TaskPreview& task = outlook.tasks.emplace_back();
      task.set_index(index);
      const std::vector<int64_t> values = ValuesAt(shape, index);
      for (int a = 0; a < spec.axes_size(); ++a) {
        task.add_labels(
            spec.axes(a).values(static_cast<int>(values[a])).label());
      }
    }
  }
  return outlook;
}

OutlookSums SumsOf(const Outlook& outlook) {
  OutlookSums sums;
  sums.looked_at = static_cast<int64_t>(outlook.tasks.size());
  for (const v1::TaskPreview& task : outlook.tasks) {
    if (task.has_result()) {
      ++sums.have_result;
      continue;
    }
    ++sums.to_render;
    if (!task.has_device_time()) {
      ++sums.without_time;
      continue;
    }
    sums.device_time += DeviceTimeOf(task);
    sums.longest = std::max(sums.longest, DeviceTimeOf(task));
  }
  return sums;
}

int FittingWorkers(const v1::JobSpec& spec,
                   const std::vector<v1::Worker>& workers) {
  const auto fits = [&](const v1::Worker& worker) {
    const v1::WorkerDescription& has = worker.description();
    const auto has_tag = [&](const std::string& tag) {
      return std::find(has.tags().begin(), has.tags().end(), tag) !=
             has.tags().end();
    };
    return !worker.draining() && !worker.quarantined() &&
           has.memory_bytes() >= spec.worker_memory_bytes() &&
           (spec.profile().empty() || has.profile() == spec.profile()) &&
           std::all_of(spec.worker_tags().begin(), spec.worker_tags().end(),
                       has_tag);
  };
  return static_cast<int>(std::count_if(workers.begin(), workers.end(), fits));
}

absl::Duration TimeOf(const v1::JobSpec& spec, const OutlookSums& sums,
                      int workers) {
  if (spec.max_running() > 0) workers = std::min(workers, spec.max_running());
  return std::max(sums.device_time / std::max(workers, 1), sums.longest);
}

}  // namespace atelier
