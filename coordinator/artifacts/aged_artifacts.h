// Bounds what is only for looks: previews and logs, of which the oldest make
// room.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_AGED_ARTIFACTS_H_
#define ATELIER_COORDINATOR_ARTIFACTS_AGED_ARTIFACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/artifact_kind.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/state/records.h"

namespace atelier {

struct AgedArtifactsOptions {
  int64_t preview_bytes = int64_t{1} << 30;  ///< Of all previews.
  int64_t log_bytes = int64_t{256} << 20;    ///< Of all logs.
};

/// Nothing asks whether one of them is named: whoever looks for it finds it
/// gone.
class AgedArtifacts {
 public:
  /// At most so many go in one Tick, of each kind.
  static constexpr int kMostGone = 64;

  /// Lifetime: the catalog outlives it.
  AgedArtifacts(ArtifactCatalog& catalog, const AgedArtifactsOptions& options)
      : catalog_(catalog), options_(options) {}

  /// Has the next Ticks remove the oldest of about so many bytes, whatever the
  /// bounds: previews, and logs where these are not enough. Returns how many
  /// bytes will become free. Thread-safe.
  int64_t Shed(int64_t bytes);

  /// Removes the oldest of what is over its bound, or is to be shed. The first
  /// calls also make rows for what a crash left without, a page each. One that
  /// is being downloaded waits for a later turn. Call it a few times a second,
  /// on one thread. Waits for store and backend. Errors: theirs; the next call
  /// goes on.
  absl::Status Tick();

 private:
  absl::Status ReconcileSome();
  // These return how many bytes went.
  absl::StatusOr<int64_t> RemoveOldest(ArtifactKind kind, int64_t bytes);
  absl::StatusOr<int64_t> RemoveAll(const std::vector<ArtifactRecord>& some);

  ArtifactCatalog& catalog_;
  const AgedArtifactsOptions options_;
  size_t reconciled_kinds_ = 0;
  std::string reconciled_to_;  // Of the kind after these.
  absl::Mutex mutex_;
  int64_t shed_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_AGED_ARTIFACTS_H_
