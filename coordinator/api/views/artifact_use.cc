#include "coordinator/api/views/artifact_use.h"

#include "atelier/v1/artifacts.pb.h"
#include "common/small_artifacts.h"
#include "common/status_macros.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/state/ids.h"

namespace atelier {

absl::StatusOr<ArtifactUse> CheckedUse(const v1::DownloadRequest& from) {
  ArtifactUse use;
  RETURN_IF_ERROR(CheckPrintable("job_id", from.job_id(), 0, 64));
  use.job = JobId(from.job_id());
  if (from.has_task_index()) {
    if (from.task_index() < 0) {
      return InvalidArgument("task_index: ", from.task_index(),
                             " is not allowed; from 0");
    }
    use.task_index = from.task_index();
  }
  return use;
}

absl::StatusOr<ArtifactKind> CheckedKind(int kind) {
  switch (kind) {
    case v1::ARTIFACT_KIND_UNSPECIFIED:
      return ArtifactKind::kArtifact;
    case v1::ARTIFACT_KIND_CHECKPOINT:
      return ArtifactKind::kCheckpoint;
    case v1::ARTIFACT_KIND_PREVIEW:
      return ArtifactKind::kPreview;
    case v1::ARTIFACT_KIND_LOG:
      return ArtifactKind::kLog;
    default:
      return InvalidArgument("kind: value ", kind,
                             " is unknown; allowed: 0 to 3");
  }
}

absl::Status CheckThumbnailPx(int32_t thumbnail_px) {
  for (const int allowed : kThumbnailSizesPx) {
    if (thumbnail_px == allowed) return absl::OkStatus();
  }
  return InvalidArgument("thumbnail_px: ", thumbnail_px,
                         " is not allowed; 128, 256 or 512");
}

absl::StatusOr<int> CheckedThumbnail(const v1::DownloadRequest& from,
                                     ArtifactKind kind) {
  if (from.thumbnail_px() == 0) return 0;
  RETURN_IF_ERROR(CheckThumbnailPx(from.thumbnail_px()));
  if (kind != ArtifactKind::kArtifact) {
    return InvalidArgument("thumbnail_px: ", from.thumbnail_px(),
                           " is not allowed of a ", Name(kind),
                           "; of a picture");
  }
  if (from.offset_bytes() != 0) {
    return InvalidArgument("offset_bytes: ", from.offset_bytes(),
                           " is not allowed with thumbnail_px; 0");
  }
  return from.thumbnail_px();
}

}  // namespace atelier
