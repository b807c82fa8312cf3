// Requests about artifacts, checked. Errors: InvalidArgument, naming the field,
// what was given and what is allowed.
#ifndef ATELIER_COORDINATOR_API_GRPC_ARTIFACT_REQUESTS_H_
#define ATELIER_COORDINATOR_API_GRPC_ARTIFACT_REQUESTS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/artifacts.pb.h"
#include "common/artifact_kind.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/garbage.h"

namespace atelier {

/// Which artifact is brought or wanted, and what for.
struct ArtifactRequest {
  ArtifactKind kind = ArtifactKind::kArtifact;
  std::string digest;
  ArtifactUse use;
  std::string thumbnail_of;  ///< Of an upload: whose thumbnail; empty: none's.
  int thumbnail_px = 0;      ///< Its size; of a download, 0 for none.
};

/// The digests that are looked for.
absl::StatusOr<std::set<std::string>> CheckedRequest(
    const v1::FindMissingRequest& from);
/// The first message of an upload.
absl::StatusOr<ArtifactRequest> CheckedRequest(const v1::UploadRequest& from);
/// Any message of an upload: the size of its chunk.
absl::Status CheckChunk(const v1::UploadRequest& message);
/// A message of an upload after its first.
absl::Status CheckLaterMessage(const v1::UploadRequest& message);
absl::StatusOr<ArtifactRequest> CheckedRequest(const v1::DownloadRequest& from);
absl::StatusOr<GarbageOptions> CheckedRequest(
    const v1::CollectGarbageRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ARTIFACT_REQUESTS_H_
