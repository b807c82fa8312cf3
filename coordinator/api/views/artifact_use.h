// What an artifact is brought or wanted for, checked, whichever way it is asked
// for.
#ifndef ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_
#define ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/artifact_kind.h"
#include "coordinator/control/artifact_access.h"

namespace atelier {

namespace v1 {
class DownloadRequest;
}  // namespace v1

/// Which artifact is brought or wanted, and what for.
struct ArtifactRequest {
  ArtifactKind kind = ArtifactKind::kArtifact;
  std::string digest;
  ArtifactUse use;
  std::string thumbnail_of;  ///< Of an upload: whose thumbnail; empty: none's.
  int thumbnail_px = 0;      ///< Its size; of a download, 0 for none.
};

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
