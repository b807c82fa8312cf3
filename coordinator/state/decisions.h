// What goes into the ClusterState besides calls, and what comes out of it.
#ifndef ATELIER_COORDINATOR_STATE_DECISIONS_H_
#define ATELIER_COORDINATOR_STATE_DECISIONS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/render/resolve.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/render_times.h"
#include "coordinator/state/retry_policy.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/state/task_state.h"
#include "coordinator/state/user_quotas.h"
#include "coordinator/state/user_shares.h"
#include "coordinator/state/worker.h"
#include "coordinator/state/worker_registry.h"

namespace atelier {

struct StateOptions {
  absl::Duration lease = absl::Seconds(30);
  absl::Duration long_poll = absl::Seconds(20);
  absl::Duration sync_interval = absl::Seconds(2);  ///< While rendering.
  RetryLimits retries;
  RenderLimits renders;
  ShareOptions shares;
  UserQuota default_quota;  ///< Of users without one of their own.
  /// A worker that failed this many tasks which another then completed, less
  /// those it completed itself, gets nothing more.
  int quarantine_after = 3;
  int64_t checkpoint_bytes = int64_t{8} << 30;  ///< Of all checkpoints.
  /// How often a preview of each render is wanted; zero: never.
  absl::Duration preview_every = absl::Seconds(5);
  int max_workers = 10'000;                    ///< Live at once.
  int64_t open_spec_bytes = int64_t{4} << 30;  ///< Of all unfinished jobs.
  /// An attempt whose worker calls, but whose iteration stays as it is for so
  /// long, and for kStallFactor times its usual iteration, has stalled.
  absl::Duration stall_after = absl::Minutes(30);
  /// What makes a fencing token hard to guess. Default: nothing does.
  std::function<std::string()> make_secret = [] { return std::string(); };
};

/// Things that happened.
struct DecisionCounts {
  std::array<int64_t, kOutcomeCount + 1> outcomes{};  ///< By Outcome's number.
  /// That devices were held, by the outcome of the attempt.
  std::array<absl::Duration, kOutcomeCount + 1> device_time{};
  int64_t late_reports = 0;    ///< Late or doubled, and ignored.
  int64_t leases_granted = 0;  ///< One for each attempt.
  int64_t tasks_joined = 0;    ///< To an attempt that was running already.
  int64_t tasks_reused = 0;    ///< Ended by a result that was there.
  int64_t leases_expired = 0;
  int64_t assignments_resent = 0;
  int64_t tasks_refused = 0;
  int64_t jobs_submitted = 0;
  int64_t workers_quarantined = 0;
  int64_t checkpoints_kept = 0;
  int64_t attempts_resumed = 0;  ///< Told where to go on from.

  DecisionCounts& operator+=(const DecisionCounts& other);
};

/// A result that a worker has brought, by whose job it is of.
struct MadePicture {
  std::string digest;
  std::string user;
};

/// What was decided since the last TakeDecisions.
struct Decisions {
  RowChanges rows;
  /// To be sent once the rows are durable.
  std::vector<std::pair<CallId, absl::StatusOr<SyncResponse>>> answers;
  /// Pictures that were made for a user.
  std::vector<MadePicture> made;
  std::vector<TimedRender> timed;  ///< Renders that were done from beginning to
                                   ///< end.
  std::set<JobId> touched;         ///< Jobs whose state or progress changed.
  /// Digests of files to remove once the rows are durable, unless they are
  /// named by then.
  std::vector<std::string> unused_checkpoints;
  /// What an operator should know, a line each, to be logged then.
  std::vector<std::string> notices;
  DecisionCounts counts;
};

/// A running job as the store has it.
struct StoredJob {
  JobRecord record;
  std::shared_ptr<const JobSpec> spec;
  std::vector<TaskRecord> open_tasks;  ///< As Store::LoadOpenTasks.
  /// Indices without a row among the last Job::kWindow before the cursor.
  std::vector<int64_t> passed_over;
};

/// A result in the store, by what it is of.
struct StoredResult {
  RenderKey key;
  TaskResult result;
};

/// A page of tasks that failed before a retry, to be read for a job.
struct StalePageRequest {
  JobId job;
  int64_t generation = 0;
  TaskPosition after;
  int limit = 0;
};

/// What has to be read before work can be assigned.
struct StoreReads {
  std::vector<StalePageRequest> pages;
  /// Renders, all of whose results are asked for whose picture is there.
  std::set<RenderKey> results;

  bool empty() const { return pages.empty() && results.empty(); }
};

struct StoreAnswers {
  std::vector<std::vector<TaskRecord>> pages;  ///< One for each request.
  std::vector<StoredResult> results;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_DECISIONS_H_
