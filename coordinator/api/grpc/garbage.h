// Removing artifacts that nobody names.
#ifndef ATELIER_COORDINATOR_API_GRPC_GARBAGE_H_
#define ATELIER_COORDINATOR_API_GRPC_GARBAGE_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/blobs/artifact_store.h"
#include "coordinator/store/store.h"

namespace atelier {

struct GarbageOptions {
  /// A job that ended longer ago names nothing any more.
  absl::Duration keep = absl::InfiniteDuration();
  /// Stop once all artifacts together have at most so many bytes; absent:
  /// remove all that nobody names.
  std::optional<int64_t> max_bytes;
  bool dry_run = false;  ///< Only count.
};

struct GarbageReport {
  int64_t removed_artifacts = 0;
  int64_t removed_bytes = 0;
  int64_t kept_artifacts = 0;
  int64_t kept_bytes = 0;
};

/// What is brought or asked for is left alone for so long: a job that names it
/// may be on its way.
inline constexpr absl::Duration kGarbageAge = absl::Hours(1);

/// Removes artifacts that no job names, those first that were used longest ago.
/// Jobs, workers and other collections may go on meanwhile. Memory is bounded.
/// Errors: the stores'; Internal when a stored spec can't be read.
absl::StatusOr<GarbageReport> CollectGarbage(Store& store,
                                             ArtifactStore& artifacts,
                                             absl::Time now,
                                             const GarbageOptions& options);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_GARBAGE_H_
