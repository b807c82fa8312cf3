// A store that forgets everything when its process ends: for tests.
#ifndef ATELIER_COORDINATOR_STORE_IN_MEMORY_STORE_H_
#define ATELIER_COORDINATOR_STORE_IN_MEMORY_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/store.h"

namespace atelier {

/// The rows, apart from the store, so that they outlive a writer as a disk
/// does.
struct InMemoryTables {
  absl::Mutex mu;
  int64_t epoch ABSL_GUARDED_BY(mu) = 0;
  std::map<JobId, JobRecord> jobs ABSL_GUARDED_BY(mu);
  std::map<TaskId, TaskRecord> tasks ABSL_GUARDED_BY(mu);
  int engine_version ABSL_GUARDED_BY(mu) = 0;
  /// By render and arithmetic: whose row has the last result.
  std::map<std::pair<RenderKey, Arithmetic>, TaskId> results
      ABSL_GUARDED_BY(mu);
  std::vector<CheckpointRecord> checkpoints ABSL_GUARDED_BY(mu);
};

/// Keeps every promise of Store but durability, in maps.
class InMemoryStore : public Store {
 public:
  /// Several stores may share their tables, as coordinators share a disk.
  explicit InMemoryStore(std::shared_ptr<InMemoryTables> tables =
                             std::make_shared<InMemoryTables>());

  absl::StatusOr<int64_t> BeginEpoch() override;
  std::vector<absl::Status> Apply(
      absl::Span<const Mutation> mutations) override;
  absl::StatusOr<JobRecord> GetJob(const JobId& id) override;
  absl::StatusOr<std::optional<JobRecord>> FindByRequestId(
      const RequestId& id) override;
  absl::StatusOr<std::vector<JobRecord>> ListJobs(
      int limit, std::optional<int64_t> before) override;
  absl::StatusOr<std::vector<JobRecord>> LoadUnfinishedJobs() override;
  absl::StatusOr<int64_t> LastSequence() override;
  absl::StatusOr<JobTasks> ListTasks(const JobId& id, int64_t first,
                                     int limit) override;
  absl::StatusOr<std::vector<TaskRecord>> LoadOpenTasks(
      const JobId& id) override;
  absl::StatusOr<std::vector<TaskPosition>> ListStaleFailures(
      const JobId& id, int64_t generation, const TaskPosition& after,
      int limit) override;
  absl::StatusOr<std::vector<StoredResult>> FindResults(
      const std::set<RenderKey>& keys) override;
  absl::StatusOr<std::unique_ptr<NamedDigests>> ListNamed(
      absl::Time ended_since) override;
  absl::StatusOr<std::vector<CheckpointRecord>> LoadCheckpoints() override;
  absl::StatusOr<int> LastEngineVersion() override;

 private:
  std::shared_ptr<InMemoryTables> tables_;
  int64_t epoch_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_IN_MEMORY_STORE_H_
