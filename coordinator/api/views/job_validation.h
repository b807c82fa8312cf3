// Whether a job can be run, told before it is accepted.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_VALIDATION_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_VALIDATION_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/render/resolve.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

namespace v1 {
class JobSpec;
}  // namespace v1

/// Bounds on a job. Flags of the coordinator set them.
struct JobLimits {
  RenderLimits renders;
  int64_t max_tasks = 10'000'000;
  int max_axis_values = 100'000;  ///< Of all axes together.
  /// What a job's spec may take in memory while the job is open.
  int64_t max_spec_bytes = int64_t{128} << 20;
  int max_axes = 8;
  int64_t max_pixels = 200'000'000;  ///< Of an input, and of a result.
  /// Jobs with more tasks are checked value by value, not task by task.
  int64_t max_tasks_resolved = 10'000;
};

struct ValidJob {
  JobSpec spec;
  int64_t task_count = 0;
  std::set<std::string> digests;  ///< What its tasks are made from.
};

/// Checks names, ranges, counts, pictures, and that each task resolves against
/// its network. A zip, and a job of few tasks, is resolved task by task; of a
/// larger one each axis value is resolved with the other axes at their first.
/// Errors: InvalidArgument, ResourceExhausted (too many tasks or axis values,
///         or too much memory).
///         Each begins with the field's path:
///         "spec.axes[1].values[3].set.iterations: -3 is not allowed; ...".
absl::StatusOr<ValidJob> ValidateJob(const v1::JobSpec& spec,
                                     const JobLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_VALIDATION_H_
