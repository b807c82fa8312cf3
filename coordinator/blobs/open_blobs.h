// The backend that a URL names.
#ifndef ATELIER_COORDINATOR_BLOBS_OPEN_BLOBS_H_
#define ATELIER_COORDINATOR_BLOBS_OPEN_BLOBS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// "directory:FOLDER": FOLDER/artifacts and FOLDER/checkpoints, made where they
/// are missing. At most `max_calls` of a backend's calls run at once, and the
/// others wait their turn.
/// Errors: InvalidArgument (another URL), and the backend's.
absl::StatusOr<std::unique_ptr<BlobStore>> OpenBlobs(const std::string& url,
                                                     int max_calls = 64);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_OPEN_BLOBS_H_
