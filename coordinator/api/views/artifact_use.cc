#include "coordinator/api/views/artifact_use.h"

#include "atelier/v1/artifacts.pb.h"
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

}  // namespace atelier
