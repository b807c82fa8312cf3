// A job and its leased tasks at one moment, as those who watch it see them.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_SNAPSHOT_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_SNAPSHOT_H_

#include <string>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "common/render/resolve.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/ids.h"

namespace atelier {

struct JobSnapshot {
  v1::JobSnapshot view;
  v1::JobSnapshot news;  ///< The view without the spec, which never changes.
  Wait wait;           ///< What the view says, or would, if nobody held a task.
  bool ended = false;  ///< The job has ended: nothing more follows.
  /// Of the news but for the time left: equal ones have equal digests.
  std::string digest;
};

/// Reads the store. Errors: NotFound, Unavailable, DataLoss.
absl::StatusOr<JobSnapshot> ReadJobSnapshot(ControlPlane& control,
                                            const JobId& job,
                                            const RenderLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_SNAPSHOT_H_
