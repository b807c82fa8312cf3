// Jobs and tasks as they are stored: the rows, in core types.
#ifndef ATELIER_COORDINATOR_STATE_RECORDS_H_
#define ATELIER_COORDINATOR_STATE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/artifact_kind.h"
#include "common/attempt_timings.h"
#include "common/render/losses.h"
#include "coordinator/state/arithmetic.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/retry_policy.h"
#include "coordinator/state/task_state.h"

namespace atelier {

/// The numbers are stored: never reuse one.
enum class JobState {
  kRunning = 1,    ///< Some task has not ended.
  kSucceeded = 2,  ///< Every task succeeded.
  kFailed = 3,     ///< Every task ended and at least one failed.
  kCancelled = 4,
  kDeleted = 5,  ///< It is seen no more, and its rows are being removed.
};

/// "running": as messages and pages spell it.
absl::string_view Name(JobState state);

/// A small picture of a render after an iteration.
struct PicturePreview {
  int iteration = 0;   ///< At least 1.
  std::string digest;  ///< Of an artifact of its kind, which may be gone.

  friend bool operator==(const PicturePreview& a, const PicturePreview& b) {
    return a.iteration == b.iteration && a.digest == b.digest;
  }
};

/// The result of a succeeded task.
struct TaskResult {
  std::string image_digest;
  Losses losses;
  int iterations = 0;
  absl::Duration elapsed;  ///< Kept to the microsecond, as `timings`.
  WorkerName worker;
  Arithmetic arithmetic;
  int width_px = 0;
  int height_px = 0;
  std::optional<AttemptTimings> timings = {};  ///< Absent from older workers.
  /// What it was measured as; opaque to state and store. Empty: it was not.
  std::string measures = {};
  std::vector<PicturePreview> previews = {};  ///< By iteration.
};

/// A job's row.
///
/// Cancelling, pausing and retrying a job write this row and no task's but
/// those that run. A retry raises
/// `generation`; a task's row of an older generation speaks only if it
/// succeeded (see StateOf).
struct JobRecord {
  JobId id;
  int64_t sequence = 0;  ///< Order of submission, unique, from 1.
  RequestId request_id;
  std::string spec_bytes;  ///< Opaque to core and store.
  int64_t task_count = 0;
  int64_t cursor = 0;  ///< Tasks from here on have never been leased.
  int64_t generation = 0;
  JobState state = JobState::kRunning;
  TaskCounts counts;
  bool paused = false;      ///< Nothing of it is handed out.
  int priority = 0;         ///< Higher goes first among its user's jobs.
  absl::Time submitted_at;  ///< Kept to the microsecond.
  std::optional<absl::Time> ended_at;
  std::string message;  ///< Why it failed, for people.
  std::string owner;    ///< Who submitted it; empty: its spec's user.
};

/// A task's row. There is one from its first lease (or refusal) on.
struct TaskRecord {
  TaskId id;
  TaskState state = TaskState::kQueued;  ///< Of `generation`: see StateOf.
  int64_t generation = 0;
  int attempts = 0;
  AttemptCosts costs;
  AttemptToken token;   ///< Of the last attempt.
  WorkerName worker;    ///< Of the last attempt.
  InstanceId instance;  ///< Of the last attempt.
  /// Of the last attempt, kept to the microsecond; absent where there was none,
  /// or an earlier coordinator began it.
  std::optional<absl::Time> began_at;
  std::optional<Outcome> outcome;  ///< The last that was not success.
  std::string message;             ///< What was said of it.
  std::optional<TaskResult> result;
};

/// How many of a task's attempts have a row: the last.
inline constexpr int kKeptAttempts = 100;

/// An attempt that has ended. Named by task and number.
struct AttemptRecord {
  TaskId task;
  int number = 0;  ///< Of the task's attempts, from 1.
  WorkerName worker;
  std::optional<absl::Time> began_at;  ///< As TaskRecord's.
  absl::Time ended_at;                 ///< Kept to the microsecond.
  Outcome outcome = Outcome::kInternal;
  std::string message;  ///< Why it did not succeed, for people.
  /// That a device was held for this task; zero where another task of the same
  /// attempt has it. Kept to the microsecond.
  absl::Duration device_time;
  std::string log_digest = {};  ///< Of what its worker wrote; empty: nothing.
};

/// A stored checkpoint's row. Named by render, arithmetic and iteration.
struct CheckpointRecord {
  ResumeKey render;
  Arithmetic arithmetic;
  int iteration = 0;
  std::string digest;  ///< Of an artifact of the kind for checkpoints.
  int64_t size_bytes = 0;
  absl::Time kept_at;  ///< Kept to the microsecond.
};

/// What is known of stored bytes. Named by kind and digest.
struct ArtifactRecord {
  ArtifactKind kind = ArtifactKind::kArtifact;
  std::string digest;
  int64_t size_bytes = 0;
  /// When it was brought or asked for, of late. Kept to the microsecond.
  absl::Time used_at = absl::UnixEpoch();
  /// When its bytes were last compared with the digest; UnixEpoch(): never.
  /// Kept to the microsecond.
  absl::Time checked_at = absl::UnixEpoch();
  std::string
      version;  ///< What the backend called the bytes that were checked.
  /// The user whose quota it counts for; empty: nobody's.
  std::string owner;
};

/// The thumbnail of a picture. Named by the picture and its size.
struct ThumbnailRecord {
  std::string of_digest;  ///< The picture.
  int size_px = 0;        ///< Its longer side is at most this.
  std::string digest;     ///< Of an artifact of the kind for previews.
};

/// What is known of a token (common/token). Its times are kept to the
/// microsecond.
struct TokenRecord {
  std::string accessor;
  std::string hash;            ///< TokenHash of the token, which nobody keeps.
  std::string role;            ///< "read", "submit", "work" or "admin".
  std::string user;            ///< Whose jobs it submits; empty for a worker.
  std::string worker_pattern;  ///< Of a worker's names, with * for any
                               ///< characters; empty: any.
  int64_t max_slots = 0;  ///< That a worker with it may offer; 0: any number.
  absl::Time created_at;
  std::optional<absl::Time> expires_at, last_used_at, revoked_at;
};

/// What an admin has said that a user may have at once. Of each bound: absent,
/// what the coordinator's flag says; 0, any amount.
struct QuotaRecord {
  std::string user;
  std::optional<int64_t> max_queued_tasks;
  std::optional<int64_t> max_running_tasks;
  std::optional<int64_t> max_artifact_bytes;
};

/// Where a task's row stands among the rows of its job that failed.
struct TaskPosition {
  int64_t generation = -1;
  int64_t index = -1;

  friend bool operator<(const TaskPosition& a, const TaskPosition& b) {
    return std::tie(a.generation, a.index) < std::tie(b.generation, b.index);
  }
  friend bool operator==(const TaskPosition& a, const TaskPosition& b) {
    return a.generation == b.generation && a.index == b.index;
  }
  friend bool operator!=(const TaskPosition& a, const TaskPosition& b) {
    return !(a == b);
  }
};

/// A task's state, from its job and its row (null when it has none).
TaskState StateOf(const JobRecord& job, const TaskRecord* task);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_RECORDS_H_
