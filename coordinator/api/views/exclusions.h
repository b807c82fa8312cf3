// What a job leaves out of its axes' points, from labels to values.
#ifndef ATELIER_COORDINATOR_API_VIEWS_EXCLUSIONS_H_
#define ATELIER_COORDINATOR_API_VIEWS_EXCLUSIONS_H_

#include "absl/status/status.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

namespace v1 {
class JobSpec;
}  // namespace v1

/// Sets `spec.kept`. REQUIRES: the rest of `spec` is `proto`'s.
/// Errors: InvalidArgument ("spec.exclude[2].labels[0].axis: ..."), also as
///         LeavePointsOut.
absl::Status ReadExclusions(const v1::JobSpec& proto, JobSpec& spec);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_EXCLUSIONS_H_
