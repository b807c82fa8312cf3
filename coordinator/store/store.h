// Where jobs, tasks, tokens and what is known of artifacts survive: the seam
// between the coordinator and databases.
#ifndef ATELIER_COORDINATOR_STORE_STORE_H_
#define ATELIER_COORDINATOR_STORE_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/ratings.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/named_digests.h"

namespace atelier {

/// Thread-safe; calls may run beside each other. Reads see whole transactions,
/// and only durable ones.
///
/// Errors common to all: Unavailable (busy or out of space: repeat later),
/// Internal (the database says why; a person must look).
class Store {
 public:
  virtual ~Store() = default;

  /// Starts the next epoch and makes this object its writer.
  virtual absl::StatusOr<int64_t> BeginEpoch() = 0;

  /// Makes all of the changes durable, or nothing.
  /// REQUIRES: BeginEpoch.
  /// Errors: FailedPrecondition (a row is not what its change expects; names
  ///         it), Aborted (another epoch has begun: this writer is fenced for
  ///         good). No changes at all still tell whether writing works.
  virtual absl::Status Apply(const RowChanges& changes) = 0;

  /// Errors: NotFound.
  virtual absl::StatusOr<JobRecord> GetJob(const JobId& id) = 0;

  /// The job that was submitted with this request id, if any.
  virtual absl::StatusOr<std::optional<JobRecord>> FindByRequestId(
      const RequestId& id) = 0;

  /// Newest first: at most `limit` jobs with a sequence below `before`.
  virtual absl::StatusOr<std::vector<JobRecord>> ListJobs(
      int limit, std::optional<int64_t> before) = 0;
  /// The same of the jobs whose row names this owner.
  virtual absl::StatusOr<std::vector<JobRecord>> ListJobsOf(
      const std::string& owner, int limit, std::optional<int64_t> before) = 0;

  /// Jobs in this state, at most `limit`, oldest first. Quick for those that
  /// run or are deleted.
  virtual absl::StatusOr<std::vector<JobRecord>> LoadJobs(JobState state,
                                                          int limit) = 0;

  /// Jobs that ended before `time` and are not deleted, at most `limit`, the
  /// first to end first.
  virtual absl::StatusOr<std::vector<JobRecord>> ListEndedJobs(absl::Time time,
                                                               int limit) = 0;

  /// The highest sequence of any job; 0 without jobs.
  virtual absl::StatusOr<int64_t> LastSequence() = 0;

  /// A job and the rows of its tasks in [first, first + limit), by index; both
  /// of the same moment. Tasks that were never leased have no row.
  struct JobTasks {
    JobRecord job;
    std::vector<TaskRecord> rows;
  };
  /// Errors: NotFound.
  virtual absl::StatusOr<JobTasks> ListTasks(const JobId& id, int64_t first,
                                             int limit) = 0;

  /// Rows that say queued or leased, of any generation, by index. There are at
  /// most as many as there were attempts at once.
  virtual absl::StatusOr<std::vector<TaskRecord>> LoadOpenTasks(
      const JobId& id) = 0;

  /// Rows that say failed in a generation below `generation`: at most `limit`
  /// after `after`, by generation and index.
  virtual absl::StatusOr<std::vector<TaskRecord>> ListStaleFailures(
      const JobId& id, int64_t generation, const TaskPosition& after,
      int limit) = 0;

  /// The task's last attempts that have ended, at most kKeptAttempts, by
  /// number.
  virtual absl::StatusOr<std::vector<AttemptRecord>> ListAttempts(
      const TaskId& task) = 0;

  /// The last result of each of these renders by each arithmetic, in any order.
  virtual absl::StatusOr<std::vector<StoredResult>> FindResults(
      const std::set<RenderKey>& keys) = 0;

  /// The pictures of every job that runs, or ended at `ended_since` or later,
  /// as they are now. May take seconds; other calls go on meanwhile.
  virtual absl::StatusOr<std::unique_ptr<NamedDigests>> ListNamed(
      absl::Time ended_since) = 0;

  /// All of them, oldest first.
  virtual absl::StatusOr<std::vector<CheckpointRecord>> LoadCheckpoints() = 0;

  /// Of these, those that have a row, in any order.
  virtual absl::StatusOr<std::vector<ArtifactRecord>> FindArtifacts(
      ArtifactKind kind, const std::set<std::string>& digests) = 0;

  /// At most `limit` of the kind with digests after `after`, in their order.
  virtual absl::StatusOr<std::vector<ArtifactRecord>> ListArtifacts(
      ArtifactKind kind, const std::string& after, int limit) = 0;

  /// Of the previews or logs at most `limit`, least lately used first.
  virtual absl::StatusOr<std::vector<ArtifactRecord>> ListOldestArtifacts(
      ArtifactKind kind, int limit) = 0;
  /// What all artifacts of this kind have in bytes.
  virtual absl::StatusOr<int64_t> SumArtifactsOf(ArtifactKind kind) = 0;

  /// The digest of the picture's thumbnail of this size, if it has one.
  virtual absl::StatusOr<std::optional<std::string>> FindThumbnail(
      const std::string& of_digest, int size_px) = 0;

  /// All of them, by accessor: there are few.
  virtual absl::StatusOr<std::vector<TokenRecord>> ListTokens() = 0;

  /// At most `limit` entries of the audit log, newest first.
  virtual absl::StatusOr<std::vector<AuditRecord>> ListAudit(
      const AuditQuery& query, int limit) = 0;

  /// All of them, by user: there are few.
  virtual absl::StatusOr<std::vector<QuotaRecord>> ListQuotas() = 0;

  /// The ratings of the job's tasks that have any, by index.
  virtual absl::StatusOr<std::vector<TaskRating>> ListRatings(
      const RatingsQuery& query) = 0;
  /// How many keys of ratings the job has.
  virtual absl::StatusOr<int64_t> CountRatings(const JobId& job) = 0;

  /// What each user's artifacts have in bytes; nobody's are left out.
  virtual absl::StatusOr<std::map<std::string, int64_t>> SumArtifacts() = 0;

  /// The last RowChanges::engine_version; 0: there was none.
  virtual absl::StatusOr<int> LastEngineVersion() = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_STORE_H_
