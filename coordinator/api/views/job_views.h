// Jobs and tasks as callers see them, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_VIEWS_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_VIEWS_H_

#include <string>

#include "absl/status/status.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/records.h"

namespace atelier {

namespace v1 {
class GetJobRequest;
class Job;
class ListAttemptsRequest;
class ListAttemptsResponse;
class ListJobsRequest;
class ListJobsResponse;
class ListTasksRequest;
class ListTasksResponse;
}  // namespace v1

/// A job as the store has it, and why it waits. Errors: DataLoss.
absl::Status ShowJob(ControlPlane& control, const JobRecord& job,
                     v1::Job& view);

/// What the calls of jobs.proto with these names answer. They read the store.
/// Errors: InvalidArgument, NotFound, PermissionDenied, Unavailable, DataLoss.
absl::Status GetJob(ControlPlane& control, const Caller& caller,
                    const v1::GetJobRequest& request, v1::Job& response);
absl::Status ListJobs(ControlPlane& control, const Caller& caller,
                      const v1::ListJobsRequest& request,
                      v1::ListJobsResponse& response);
absl::Status ListTasks(ControlPlane& control, const Caller& caller,
                       const v1::ListTasksRequest& request,
                       v1::ListTasksResponse& response);
absl::Status ListAttempts(ControlPlane& control, const Caller& caller,
                          const v1::ListAttemptsRequest& request,
                          v1::ListAttemptsResponse& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_VIEWS_H_
