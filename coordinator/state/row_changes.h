// What the ClusterState decided, as rows to be made durable. Each says what it
// expects the store to have, so that one that comes too late is refused.
//
// A store writes them and knows no rule: which moves a task may make stands in
// task_state.h, what a row becomes by one in task_row.h and job.h.
#ifndef ATELIER_COORDINATOR_STATE_ROW_CHANGES_H_
#define ATELIER_COORDINATOR_STATE_ROW_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "coordinator/state/arithmetic.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/ratings.h"
#include "coordinator/state/records.h"
#include "coordinator/state/task_state.h"

namespace atelier {

/// What tells one state of a job's row from another.
struct JobVersion {
  JobState state = JobState::kRunning;
  int64_t generation = 0;
};
JobVersion VersionOf(const JobRecord& job);

/// What tells one state of a task's row from another.
struct TaskVersion {
  TaskState state = TaskState::kQueued;
  int64_t generation = 0;
  AttemptToken token;
};
TaskVersion VersionOf(const TaskRecord& task);

struct JobChange {
  /// Absent: there is no row with this id, sequence or request id.
  std::optional<JobVersion> before;
  /// Its spec, ids, sequence, task count, owner and time of submission are
  /// written with the first of its rows only.
  JobRecord after;
};

struct TaskChange {
  std::optional<TaskVersion> before;  ///< Absent: it has no row.
  TaskRecord after;
};

/// The task whose row has the last result of a render by an arithmetic. Takes
/// the place of one of the same render and arithmetic.
struct ResultRecord {
  RenderKey key;
  Arithmetic arithmetic;
  TaskId task;
};

/// Takes the place of one of the same name.
struct CheckpointChange {
  CheckpointRecord checkpoint;
  bool keep = true;  ///< False: it is dropped; only its name is read.
};

/// Takes the place of one of the same name. What is dropped takes with it the
/// thumbnails that it has or, of a preview, that it is.
struct ArtifactChange {
  ArtifactRecord artifact;
  bool keep = true;  ///< False: it is dropped; only its name is read.
};

/// Takes the place of one of the same accessor. Expects that it has this hash,
/// and that no other token has.
struct TokenChange {
  TokenRecord token;
  bool keep = true;  ///< False: it is dropped; only its accessor is read.
};

/// Takes the place of one of the same user.
struct QuotaChange {
  QuotaRecord quota;
  bool keep = true;  ///< False: it is dropped; only its user is read.
};

/// Tasks of a job that have no row any more, nor do their attempts and ratings.
/// Whoever is named as a result may be named for some time yet, and is not
/// found.
struct TaskRemoval {
  JobId job;
  int64_t first = 0;  ///< Up to, but not, `end`.
  int64_t end = 0;
};

/// A job that has no row any more.
struct JobRemoval {
  JobId job;
  JobVersion before;
};

/// One transaction. Jobs come first, then tasks in their order: several may be
/// of one task, each of which expects what the one before it wrote.
struct RowChanges {
  std::vector<JobChange> jobs;  ///< At most one for each job.
  std::vector<TaskChange> tasks;
  /// An attempt's row has one place for each number modulo kKeptAttempts of its
  /// task, and takes it from the one that was there.
  std::vector<AttemptRecord> attempts;
  std::vector<ResultRecord> results;
  std::vector<CheckpointChange> checkpoints;  ///< In their order.
  std::vector<ArtifactChange> artifacts;      ///< In their order.
  /// After the artifacts. Each takes the place of one of the same name.
  std::vector<ThumbnailRecord> thumbnails;
  std::vector<TokenChange> tokens;    ///< In their order.
  std::vector<QuotaChange> quotas;    ///< In their order.
  std::vector<RatingChange> ratings;  ///< In their order.
  /// Appended in their order; the store gives each its sequence.
  std::vector<AuditRecord> audit;
  std::optional<AuditTrim> audit_trim;
  std::optional<int> engine_version;  ///< See Store::LastEngineVersion.
  std::vector<TaskRemoval> removed_tasks;
  /// After the rows of all their tasks.
  std::vector<JobRemoval> removed_jobs;

  /// How many rows it writes.
  size_t size() const;
  bool empty() const { return size() == 0; }
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ROW_CHANGES_H_
