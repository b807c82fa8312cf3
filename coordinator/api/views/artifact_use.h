// What a download is for, checked, whichever way it is asked for.
#ifndef ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_
#define ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/artifact_kind.h"
#include "coordinator/control/artifact_access.h"

namespace atelier {

namespace v1 {
class DownloadRequest;
}  // namespace v1

// Errors of all: InvalidArgument, naming the field, what was given, what is
// allowed.

/// Of the wire's number.
absl::StatusOr<ArtifactKind> CheckedKind(int kind);

/// Its job and task; an attempt is not looked at.
absl::StatusOr<ArtifactUse> CheckedUse(const v1::DownloadRequest& from);

/// The size of a thumbnail, 0 for none, of a request for what has this kind.
absl::StatusOr<int> CheckedThumbnail(const v1::DownloadRequest& from,
                                     ArtifactKind kind);
/// Of a field that is given.
absl::Status CheckThumbnailPx(int32_t thumbnail_px);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_
