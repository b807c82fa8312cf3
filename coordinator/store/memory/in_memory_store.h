// A store that forgets everything when its process ends: for tests.
#ifndef ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_STORE_H_
#define ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/memory/in_memory_audit.h"
#include "coordinator/store/store.h"

namespace atelier {

/// What a transaction changes.
struct InMemoryRows {
  std::map<JobId, JobRecord> jobs;
  std::map<TaskId, TaskRecord> tasks;
  /// By number modulo kKeptAttempts.
  std::map<TaskId, std::map<int, AttemptRecord>> attempts;
  /// By render and arithmetic: whose row has the last result.
  std::map<std::pair<RenderKey, Arithmetic>, TaskId> results;
  std::vector<CheckpointRecord> checkpoints;
  std::map<std::pair<ArtifactKind, std::string>, ArtifactRecord> artifacts;
  /// By picture and size.
  std::map<std::pair<std::string, int>, ThumbnailRecord> thumbnails;
  std::map<std::string, TokenRecord> tokens;  ///< By accessor.
  InMemoryAudit audit;
  std::map<std::string, QuotaRecord> quotas;  ///< By user.
  std::map<RatingKey, int> ratings;
  int engine_version = 0;
};

/// The rows, apart from the store, so that they outlive a writer as a disk
/// does.
struct InMemoryTables {
  absl::Mutex mu;
  int64_t epoch ABSL_GUARDED_BY(mu) = 0;
  InMemoryRows rows ABSL_GUARDED_BY(mu);
};

/// Keeps every promise of Store but durability, in maps.
class InMemoryStore : public Store {
 public:
  /// Several stores may share their tables, as coordinators share a disk.
  explicit InMemoryStore(std::shared_ptr<InMemoryTables> tables =
                             std::make_shared<InMemoryTables>());

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
  std::vector<JobRecord> NewestJobs(
      int limit, std::optional<int64_t> before,
      absl::FunctionRef<bool(const JobRecord&)> is_wanted);

  std::shared_ptr<InMemoryTables> tables_;
  int64_t epoch_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_STORE_H_
