// Removes checkpoints that nobody can go on from any more.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_CHECKPOINT_FILES_H_
#define ATELIER_COORDINATOR_ARTIFACTS_CHECKPOINT_FILES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/artifacts/artifact_catalog.h"

namespace atelier {

/// What goes is what was discarded and, within minutes, what nobody has told
/// of: a worker uploads first, reports then, and may die in between. So may a
/// coordinator, with what it was to discard.
class CheckpointFiles {
 public:
  /// Whether a checkpoint is wanted. Thread-safe.
  using IsNamed = std::function<bool(const std::string& digest)>;

  static constexpr absl::Duration kSweepEvery = absl::Minutes(1);
  static constexpr absl::Duration kLeastGrace = absl::Minutes(2);

  /// Files that nothing names, as the last sweep found them.
  struct Orphans {
    int64_t files = 0;
    int64_t bytes = 0;
  };

  /// A file younger than `grace` may still be told of, and after a start
  /// everybody gets so long to come back.
  /// Lifetime: the catalog outlives it.
  CheckpointFiles(ArtifactCatalog& catalog, IsNamed is_named,
                  absl::Duration grace = kLeastGrace)
      : catalog_(catalog), is_named_(std::move(is_named)), grace_(grace) {}

  /// Thread-safe; returns at once.
  void Discard(std::vector<std::string> digests);

  /// Removes some of what is to go. The first call sweeps. Call it a few times
  /// a second, on one thread; `now` is the catalog's. Waits for the backend.
  /// Errors: the catalog's; the next call goes on.
  absl::Status Tick(absl::Time now);

  const Orphans& orphans() const { return orphans_; }

 private:
  absl::Status Sweep(absl::Time now);

  ArtifactCatalog& catalog_;
  const IsNamed is_named_;
  const absl::Duration grace_;
  absl::Time started_at_ = absl::InfiniteFuture();
  absl::Time next_sweep_ = absl::InfinitePast();
  Orphans orphans_;
  absl::Mutex mutex_;
  std::vector<std::string> discarded_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_CHECKPOINT_FILES_H_
