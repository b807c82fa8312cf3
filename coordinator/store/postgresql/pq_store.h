// Jobs and tasks in a PostgreSQL database.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_STORE_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_STORE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/postgresql/pq_pool.h"
#include "coordinator/store/store.h"

namespace atelier {

/// One connection writes, a few read, and one more is there for each
/// NamedDigests. What Apply has returned is on the server's disk, or wherever
/// its synchronous_commit says beyond that.
///
/// A call whose commit was not answered asks the server what became of it;
/// while nobody can say, it and all that follow are Unavailable, so that no
/// read comes before a commit that is still under way.
class PostgresqlStore : public Store {
 public:
  /// Brings an older schema up to date. `url`: see PqConnection::Open.
  /// Errors: InvalidArgument (the URL), FailedPrecondition (no such database,
  ///         or its tables are a newer version's, or not ours),
  ///         PermissionDenied, Unavailable, Internal.
  static absl::StatusOr<std::unique_ptr<PostgresqlStore>> Open(
      const std::string& url);

  /// 0: no coordinator has ever used it.
  absl::StatusOr<int64_t> ReadEpoch();

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
  explicit PostgresqlStore(const std::string& url)
      : url_(url), writers_(url, 1), readers_(url, kReaders) {}

  static constexpr int kReaders = 4;

  // Waits for the end of the transaction that is in doubt, if one is; whether
  // it was committed. Errors: Unavailable (it may be under way).
  absl::StatusOr<bool> Settle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);

  absl::StatusOr<std::vector<PqResult>> ReadAll(
      const std::vector<PqPool::Query>& queries);
  absl::StatusOr<PqResult> Read(const std::string& sql,
                                const PqParams& params = PqParams());
  absl::StatusOr<std::vector<JobRecord>> Jobs(const std::string& clauses,
                                              const PqParams& params);
  absl::StatusOr<std::vector<TaskRecord>> Tasks(const std::string& clauses,
                                                const PqParams& params);
  absl::StatusOr<std::vector<ArtifactRecord>> Artifacts(
      const std::string& clauses, const PqParams& params);

  const std::string url_;
  absl::Mutex write_mu_;
  int64_t epoch_ ABSL_GUARDED_BY(write_mu_) = 0;
  std::string in_doubt_ ABSL_GUARDED_BY(write_mu_);
  std::atomic<bool> is_in_doubt_ = false;  // The same, for whoever reads.
  PqPool writers_;
  PqPool readers_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_STORE_H_
