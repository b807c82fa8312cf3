// What a job would be, told without making it one.
//
//   ASSIGN_OR_RETURN(JobPreview page, previews.Preview(caller, spec, 0, 100));
//   // Look for PicturesOf(page), then SettleResults.
#ifndef ATELIER_COORDINATOR_CONTROL_JOB_PREVIEWS_H_
#define ATELIER_COORDINATOR_CONTROL_JOB_PREVIEWS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane_options.h"
#include "coordinator/control/decision_loop.h"
#include "coordinator/state/job_preview.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

/// Thread-safe.
class JobPreviews {
 public:
  /// Lifetime: both outlive it.
  JobPreviews(DecisionLoop& loop, const ControlPlaneOptions& options)
      : loop_(loop), options_(options) {}

  /// At most `limit` tasks from index `first` on, with the pictures of results
  /// that assigning work would take now, and the time that each would hold a
  /// device. Reads the store, in the caller's thread, and changes nothing;
  /// takes as long for a large job as for a small one. REQUIRES: first and
  /// limit are not negative. Errors: as ControlPlane::Submit, but for
  /// AlreadyExists.
  absl::StatusOr<JobPreview> Preview(const Caller& caller, JobSpec spec,
                                     int64_t first, int limit);

 private:
  DecisionLoop& loop_;
  const ControlPlaneOptions& options_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_JOB_PREVIEWS_H_
