// Jobs and tasks in one SQLite file, through SOCI.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/store/store.h"

namespace atelier {

/// DATA/atelier.db in WAL mode with synchronous=FULL: what Apply has returned
/// survives the loss of power. One connection writes and one reads, so that
/// nobody who looks waits for a commit.
class SqliteStore : public Store {
 public:
  /// Makes the directory and the file where they are missing, brings an older
  /// file's schema up to date, and locks the directory against others.
  /// Errors: FailedPrecondition (another coordinator uses the directory; the
  ///         file is not a database of ours, or of a newer version),
  ///         PermissionDenied, Unavailable, Internal.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(
      const std::string& data_directory);
  ~SqliteStore() override;

  /// What the writing connection really runs under, as SQLite spells it.
  struct Settings {
    std::string journal_mode;  ///< "wal"
    int synchronous = 0;       ///< 2 is FULL.
    int foreign_keys = 0;      ///< 1 is on.
    int schema_version = 0;
    int64_t epoch = 0;  ///< 0: no coordinator has ever used it.
  };
  absl::StatusOr<Settings> ReadSettings();

  /// Damaged tables that Open has made again, and what that means.
  const std::vector<std::string>& rebuilt() const;

  absl::StatusOr<int64_t> BeginEpoch() override;
  absl::Status Apply(const RowChanges& changes) override;
  absl::StatusOr<JobRecord> GetJob(const JobId& id) override;
  absl::StatusOr<std::optional<JobRecord>> FindByRequestId(
      const RequestId& id) override;
  absl::StatusOr<std::vector<JobRecord>> ListJobs(
      int limit, std::optional<int64_t> before) override;
  absl::StatusOr<std::vector<JobRecord>> ListJobsOf(
      const std::string& owner, int limit,
      std::optional<int64_t> before) override;
  absl::StatusOr<std::vector<JobRecord>> LoadJobs(JobState state,
                                                  int limit) override;
  absl::StatusOr<std::vector<JobRecord>> ListEndedJobs(absl::Time time,
                                                       int limit) override;
  absl::StatusOr<int64_t> LastSequence() override;
  absl::StatusOr<JobTasks> ListTasks(const JobId& id, int64_t first,
                                     int limit) override;
  absl::StatusOr<std::vector<TaskRecord>> LoadOpenTasks(
      const JobId& id) override;
  absl::StatusOr<std::vector<TaskRecord>> ListStaleFailures(
      const JobId& id, int64_t generation, const TaskPosition& after,
      int limit) override;
  absl::StatusOr<std::vector<AttemptRecord>> ListAttempts(
      const TaskId& task) override;
  absl::StatusOr<std::vector<StoredResult>> FindResults(
      const std::set<RenderKey>& keys) override;
  absl::StatusOr<std::unique_ptr<NamedDigests>> ListNamed(
      absl::Time ended_since) override;
  absl::StatusOr<std::vector<CheckpointRecord>> LoadCheckpoints() override;
  absl::StatusOr<std::vector<ArtifactRecord>> FindArtifacts(
      ArtifactKind kind, const std::set<std::string>& digests) override;
  absl::StatusOr<std::vector<ArtifactRecord>> ListArtifacts(
      ArtifactKind kind, const std::string& after, int limit) override;
  absl::StatusOr<std::vector<ArtifactRecord>> ListOldestArtifacts(
      ArtifactKind kind, int limit) override;
  absl::StatusOr<int64_t> SumArtifactsOf(ArtifactKind kind) override;
  absl::StatusOr<std::optional<std::string>> FindThumbnail(
      const std::string& of_digest, int size_px) override;
  absl::StatusOr<std::vector<TokenRecord>> ListTokens() override;
  absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditQuery& query,
                                                     int limit) override;
  absl::StatusOr<std::vector<QuotaRecord>> ListQuotas() override;
  absl::StatusOr<std::vector<TaskRating>> ListRatings(
      const RatingsQuery& query) override;
  absl::StatusOr<int64_t> CountRatings(const JobId& job) override;
  absl::StatusOr<std::map<std::string, int64_t>> SumArtifacts() override;
  absl::StatusOr<int> LastEngineVersion() override;

 private:
  struct Connections;

  explicit SqliteStore(std::unique_ptr<Connections> connections);

  std::unique_ptr<Connections> connections_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_STORE_H_
