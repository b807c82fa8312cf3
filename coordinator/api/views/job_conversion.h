// Jobs and tasks between the wire and the core.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_CONVERSION_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_CONVERSION_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/resolve.h"
#include "coordinator/control/control_plane_views.h"
#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/job_preview.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/worker.h"

namespace atelier {

namespace v1 {
class Attempt;
class Job;
class JobSpec;
class Task;
class TaskPreview;
class TaskResult;
}  // namespace v1

/// Values only: nothing is checked but what has no core form, and that it takes
/// no more than `max_bytes` of memory; what would is not made first.
/// Errors: InvalidArgument (begins with the field's path: "spec.base.init"),
///         ResourceExhausted.
absl::StatusOr<JobSpec> FromProto(
    const v1::JobSpec& spec,
    int64_t max_bytes = std::numeric_limits<int64_t>::max());

/// The stored form: equal specs give equal bytes.
std::string EncodeSpec(const v1::JobSpec& spec);
/// Errors: DataLoss (not a spec), InvalidArgument as FromProto.
absl::StatusOr<v1::JobSpec> ParseSpec(absl::string_view spec_bytes);
absl::StatusOr<JobSpec> DecodeSpec(absl::string_view spec_bytes);

v1::TaskResult ToProto(const TaskResult& result);
v1::Task ToProto(const TaskView& task);
v1::TaskPreview ToProto(const TaskPreview& task);
v1::Attempt ToProto(const AttemptRecord& attempt);

/// Whether it waits, and nobody holds a task of it: the row says only that it
/// has not ended.
bool IsQueued(const JobRecord& job, const Wait& wait);

/// A job that waits is queued, and says why.
/// Errors: DataLoss when the stored spec can't be read.
absl::StatusOr<v1::Job> ToProto(const JobRecord& job,
                                const JobOutlook& outlook);

/// A leased task of a job, as its worker last told of it.
v1::Task RunningTask(const RunningAttempt& attempt, const JobSpec& spec,
                     const RenderLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_CONVERSION_H_
