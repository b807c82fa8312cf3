// What a download is for, checked, whichever way it is asked for.
#ifndef ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_
#define ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_

#include "absl/status/statusor.h"
#include "coordinator/control/artifact_access.h"

namespace atelier {

namespace v1 {
class DownloadRequest;
}  // namespace v1

/// Its job and task; an attempt is not looked at.
/// Errors: InvalidArgument, naming the field, what was given, what is allowed.
absl::StatusOr<ArtifactUse> CheckedUse(const v1::DownloadRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_USE_H_
