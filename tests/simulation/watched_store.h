// A store whose every commit goes into the ledger, and which can take its
// coordinator with it.
#ifndef ATELIER_TESTS_SIMULATION_WATCHED_STORE_H_
#define ATELIER_TESTS_SIMULATION_WATCHED_STORE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/store.h"
#include "tests/simulation/ledger.h"

namespace atelier {

/// Where a coordinator dies while it handles a batch.
enum class Death {
  kNone,
  kBeforeCommit,   ///< Nothing was written.
  kAfterCommit,    ///< All was written, nobody hears of it.
  kCommitRefused,  ///< It lives, but the disk took nothing.
};

/// Thread-compatible.
class WatchedStore : public Store {
 public:
  WatchedStore(std::unique_ptr<Store> store, Ledger& ledger)
      : store_(std::move(store)), ledger_(ledger) {}

  /// What is to become of one of the next transactions, after so many others.
  void Expect(Death death, int after) {
    death_ = death;
    left_ = after;
  }
  /// Whether the coordinator has died: whoever listens hears nothing more.
  bool is_dead() const { return dead_; }

  absl::Status Apply(const RowChanges& changes) override {
    if (dead_) return Refused();
    const Death death = left_-- == 0 ? death_ : Death::kNone;
    if (death == Death::kBeforeCommit) dead_ = true;
    if (death == Death::kBeforeCommit || death == Death::kCommitRefused) {
      return Refused();
    }
    absl::Status status = store_->Apply(changes);
    // The core knows what is durable: a refused change is its fault.
    if (!status.ok()) ledger_.AddFault(status.ToString());
    if (status.ok()) ledger_.Record(changes);
    if (death != Death::kAfterCommit) return status;
    dead_ = true;
    return Refused();
  }

  absl::StatusOr<int64_t> BeginEpoch() override { return store_->BeginEpoch(); }
  absl::StatusOr<JobRecord> GetJob(const JobId& id) override {
    return store_->GetJob(id);
  }
  absl::StatusOr<std::optional<JobRecord>> FindByRequestId(
      const RequestId& id) override {
    return store_->FindByRequestId(id);
  }
  absl::StatusOr<std::vector<JobRecord>> ListJobs(
      int limit, std::optional<int64_t> before) override {
    return store_->ListJobs(limit, before);
  }
  absl::StatusOr<std::vector<JobRecord>> ListJobsOf(
      const std::string& owner, int limit,
      std::optional<int64_t> before) override {
    return store_->ListJobsOf(owner, limit, before);
  }
  absl::StatusOr<std::vector<JobRecord>> LoadJobs(JobState state,
                                                  int limit) override {
    return store_->LoadJobs(state, limit);
  }
  absl::StatusOr<std::vector<JobRecord>> ListEndedJobs(absl::Time time,
                                                       int limit) override {
    return store_->ListEndedJobs(time, limit);
  }
  absl::StatusOr<int64_t> LastSequence() override {
    return store_->LastSequence();
  }
  absl::StatusOr<JobTasks> ListTasks(const JobId& id, int64_t first,
                                     int limit) override {
    return store_->ListTasks(id, first, limit);
  }
  absl::StatusOr<std::vector<TaskRecord>> LoadOpenTasks(
      const JobId& id) override {
    return store_->LoadOpenTasks(id);
  }
  absl::StatusOr<std::vector<TaskRecord>> ListStaleFailures(
      const JobId& id, int64_t generation, const TaskPosition& after,
      int limit) override {
    return store_->ListStaleFailures(id, generation, after, limit);
  }
  absl::StatusOr<std::vector<AttemptRecord>> ListAttempts(
      const TaskId& task) override {
    return store_->ListAttempts(task);
  }
  absl::StatusOr<std::vector<StoredResult>> FindResults(
      const std::set<RenderKey>& keys) override {
    return store_->FindResults(keys);
  }
  absl::StatusOr<std::unique_ptr<NamedDigests>> ListNamed(
      absl::Time ended_since) override {
    return store_->ListNamed(ended_since);
  }
  absl::StatusOr<std::vector<CheckpointRecord>> LoadCheckpoints() override {
    return store_->LoadCheckpoints();
  }
  absl::StatusOr<std::vector<ArtifactRecord>> FindArtifacts(
      ArtifactKind kind, const std::set<std::string>& digests) override {
    return store_->FindArtifacts(kind, digests);
  }
  absl::StatusOr<std::vector<ArtifactRecord>> ListArtifacts(
      ArtifactKind kind, const std::string& after, int limit) override {
    return store_->ListArtifacts(kind, after, limit);
  }
  absl::StatusOr<std::vector<ArtifactRecord>> ListOldestArtifacts(
      ArtifactKind kind, int limit) override {
    return store_->ListOldestArtifacts(kind, limit);
  }
  absl::StatusOr<int64_t> SumArtifactsOf(ArtifactKind kind) override {
    return store_->SumArtifactsOf(kind);
  }
  absl::StatusOr<std::optional<std::string>> FindThumbnail(
      const std::string& of_digest, int size_px) override {
    return store_->FindThumbnail(of_digest, size_px);
  }
  absl::StatusOr<std::vector<TokenRecord>> ListTokens() override {
    return store_->ListTokens();
  }
  absl::StatusOr<std::vector<AuditRecord>> ListAudit(const AuditQuery& query,
                                                     int limit) override {
    return store_->ListAudit(query, limit);
  }
  absl::StatusOr<std::vector<QuotaRecord>> ListQuotas() override {
    return store_->ListQuotas();
  }
  absl::StatusOr<std::vector<TaskRating>> ListRatings(
      const RatingsQuery& query) override {
    return store_->ListRatings(query);
  }
  absl::StatusOr<int64_t> CountRatings(const JobId& job) override {
    return store_->CountRatings(job);
  }
  absl::StatusOr<std::map<std::string, int64_t>> SumArtifacts() override {
    return store_->SumArtifacts();
  }
  absl::StatusOr<int> LastEngineVersion() override {
    return store_->LastEngineVersion();
  }

 private:
  static absl::Status Refused() { return absl::UnavailableError("full"); }

  const std::unique_ptr<Store> store_;
  Ledger& ledger_;
  Death death_ = Death::kNone;
  int left_ = 0;
  bool dead_ = false;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_SIMULATION_WATCHED_STORE_H_
