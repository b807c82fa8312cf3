// What a job would be, before it is one: a page of its tasks, which of them
// have a result, and how long the others would hold a device.
//
//   JobPreview preview = PreviewTasks(spec, first, limit, limits);
//   OfferResults(store.FindResults(KeysOf(preview)), version, needs, preview);
//   SettleResults(pictures_that_are_there, preview);
#ifndef ATELIER_COORDINATOR_STATE_JOB_PREVIEW_H_
#define ATELIER_COORDINATOR_STATE_JOB_PREVIEW_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/render/resolve.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/render_times.h"

namespace atelier {

struct TaskPreview {
  int64_t index = 0;
  std::vector<std::string> labels;
  /// Absent for a point that is no render: it would fail at its turn.
  std::optional<RenderKey> key;
  std::optional<RenderClass> render;
  std::set<std::string> pictures = {};  ///< Of results that it may take.
  bool has_result = false;
  std::optional<absl::Duration> device_time = {};
};

struct JobPreview {
  int64_t task_count = 0;
  bool shares_results = true;      ///< Not so with JobSpec::no_cache.
  std::vector<TaskPreview> tasks;  ///< Of one page.
};

/// At most `limit` tasks from index `first` on; none behind the last.
/// REQUIRES: TaskCount(spec) is OK; first and limit are not negative.
JobPreview PreviewTasks(const JobSpec& spec, int64_t first, int limit,
                        const RenderLimits& limits);

/// Renders whose results are to be looked up.
std::set<RenderKey> KeysOf(const JobPreview& preview);

/// Gives tasks the pictures of those results that assigning work would take now
/// (MayReuse): of the version that counts for jobs with these needs.
void OfferResults(const std::vector<StoredResult>& results, int engine_version,
                  const WorkerNeeds& needs, JobPreview& preview);

/// Of all tasks; to be looked for.
std::set<std::string> PicturesOf(const JobPreview& preview);

/// A task has a result where one of its pictures is `present`, or where an
/// earlier one of the page is the same render: it takes no device time.
void SettleResults(const std::set<std::string>& present, JobPreview& preview);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_JOB_PREVIEW_H_
