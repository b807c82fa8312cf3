// Artifacts as files: ROOT/ab/abcdef..., written aside in ROOT/tmp.
#ifndef ATELIER_COORDINATOR_BLOBS_DIRECTORY_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_DIRECTORY_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "coordinator/blobs/artifact_store.h"

namespace atelier {

struct DirectoryStoreOptions {
  std::string root;
  int64_t max_artifact_bytes = int64_t{4} << 30;
  Clock* clock = &Clock::Real();  ///< Outlives the store.
  /// What is no artifact is moved to ROOT/damaged; else such files are removed.
  bool keeps_damaged = true;
};

/// Opens the folder, making it if need be, and removes what a crash left in
/// ROOT/tmp. REQUIRES: no other process uses the folder.
/// Errors: PermissionDenied, ResourceExhausted, Internal; all name the path.
absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(
    const DirectoryStoreOptions& options);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_DIRECTORY_STORE_H_
