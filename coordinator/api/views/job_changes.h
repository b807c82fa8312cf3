// What callers change of jobs, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_CHANGES_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_CHANGES_H_

#include "absl/status/status.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

namespace v1 {
class CancelJobRequest;
class DeleteJobRequest;
class Job;
class PauseJobRequest;
class ResumeJobRequest;
class RetryJobRequest;
class SetJobPriorityRequest;
}  // namespace v1

// The calls of jobs.proto with these names: the job as the change has left it,
// durably. Each waits for the store.
// Errors: InvalidArgument, NotFound, PermissionDenied, FailedPrecondition,
// ResourceExhausted, Unavailable, DataLoss.

absl::Status CancelJob(ControlPlane& control, const Caller& caller,
                       const v1::CancelJobRequest& request, v1::Job& response);
absl::Status PauseJob(ControlPlane& control, const Caller& caller,
                      const v1::PauseJobRequest& request, v1::Job& response);
absl::Status ResumeJob(ControlPlane& control, const Caller& caller,
                       const v1::ResumeJobRequest& request, v1::Job& response);
absl::Status SetJobPriority(ControlPlane& control, const Caller& caller,
                            const v1::SetJobPriorityRequest& request,
                            v1::Job& response);
absl::Status RetryJob(ControlPlane& control, const Caller& caller,
                      const v1::RetryJobRequest& request, v1::Job& response);
absl::Status DeleteJob(ControlPlane& control, const Caller& caller,
                       const v1::DeleteJobRequest& request, v1::Job& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_CHANGES_H_
