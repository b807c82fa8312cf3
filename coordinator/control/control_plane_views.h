// What the control shows to people and to metrics.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_VIEWS_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_VIEWS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/render/params.h"
#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"

namespace atelier {

/// A task as people see it: its point, and what became of it.
struct TaskView {
  int64_t index = 0;
  TaskState state = TaskState::kQueued;
  std::vector<std::string> labels;
  Render render;
  RenderKey key;
  int attempts = 0;
  WorkerName worker;                     ///< While leased.
  int iteration = 0;                     ///< While leased.
  Losses losses;                         ///< While leased.
  std::vector<PicturePreview> previews;  ///< While leased.
  std::string log_digest;                ///< While leased.
  std::optional<TaskResult> result;
  std::optional<Outcome> outcome;  ///< The last that was not success.
  std::string message;
};

struct TaskPage {
  std::vector<TaskView> tasks;        ///< By index.
  std::optional<int64_t> next_index;  ///< Absent on the last page.
};

/// A succeeded task, and the digest of its picture.
struct TaskPicture {
  int64_t index = 0;
  std::string digest;
};

/// What is to come of a job, as the state in memory says.
struct JobOutlook {
  Wait wait;  ///< kNone for one that runs or has ended.
  /// Of one that runs, in whole seconds; absent where nothing tells yet.
  std::optional<absl::Duration> time_left;
};

/// What a job is steered to, from what it is.
struct JobUpdate {
  bool paused = false;
  int priority = 0;
};

/// What has happened since the start.
struct LoopCounts {
  DecisionCounts decisions;  ///< Committed only.
  int64_t commits = 0;       ///< Transactions that wrote something.
  int64_t rows = 0;          ///< Written in them.
  int64_t store_failures = 0;
};

/// The same, and what is. A plain snapshot.
struct ControlPlaneCounts : LoopCounts {
  int64_t tasks_queued = 0;
  int64_t tasks_leased = 0;
  int64_t unfinished_jobs = 0;
  /// Of these, by WaitReason's number.
  std::array<int64_t, kWaitReasonCount + 1> jobs_by_wait{};
  int64_t live_workers = 0;
  int64_t quarantined_workers = 0;
  int64_t stopping_attempts = 0;
  int64_t parked_calls = 0;
  bool waits_for_reads = false;  ///< Nothing is assigned until then.
  int64_t checkpoint_bytes = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_VIEWS_H_
