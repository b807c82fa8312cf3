// Requests about artifacts, checked. Errors: InvalidArgument, naming the field,
// what was given and what is allowed.
#ifndef ATELIER_COORDINATOR_API_GRPC_ARTIFACT_REQUESTS_H_
#define ATELIER_COORDINATOR_API_GRPC_ARTIFACT_REQUESTS_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/artifacts.pb.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/control/garbage.h"

namespace atelier {

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
