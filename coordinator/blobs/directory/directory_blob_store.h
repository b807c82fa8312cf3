// Blobs as files: ROOT/artifacts/ab/abcdef..., ROOT/checkpoints/...
#ifndef ATELIER_COORDINATOR_BLOBS_DIRECTORY_DIRECTORY_BLOB_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_DIRECTORY_DIRECTORY_BLOB_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// Opens the folders, making them if need be, and removes what a crash left of
/// uploads. Waits for the disk on threads of its own, a few. REQUIRES: ROOT is
/// there, and no other process uses it.
/// Errors: PermissionDenied, ResourceExhausted, Internal; all name the path.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenDirectoryBlobStore(
    const std::string& root);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_DIRECTORY_DIRECTORY_BLOB_STORE_H_
