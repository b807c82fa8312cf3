#include "coordinator/api/views/job_changes.h"

#include <cstdint>
#include <set>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/job_views.h"
#include "coordinator/control/access.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"

namespace atelier {
namespace {

// `change` is one of the control plane's that is told the job alone.
template <typename Request>
absl::Status Change(ControlPlane& control, const Caller& caller,
                    const Request& request,
                    absl::StatusOr<JobRecord> (ControlPlane::*change)(
                        const Caller& caller, const JobId& id),
                    v1::Job& response) {
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  ASSIGN_OR_RETURN(const JobRecord job,
                   (control.*change)(caller, JobId(request.job_id())));
  return ShowJob(control, job, response);
}

}  // namespace

absl::Status CancelJob(ControlPlane& control, const Caller& caller,
                       const v1::CancelJobRequest& request, v1::Job& response) {
  return Change(control, caller, request, &ControlPlane::Cancel, response);
}

absl::Status PauseJob(ControlPlane& control, const Caller& caller,
                      const v1::PauseJobRequest& request, v1::Job& response) {
  return Change(control, caller, request, &ControlPlane::Pause, response);
}

absl::Status ResumeJob(ControlPlane& control, const Caller& caller,
                       const v1::ResumeJobRequest& request, v1::Job& response) {
  return Change(control, caller, request, &ControlPlane::Resume, response);
}

absl::Status SetJobPriority(ControlPlane& control, const Caller& caller,
                            const v1::SetJobPriorityRequest& request,
                            v1::Job& response) {
  RETURN_IF_ERROR(CheckRequest(request));
  ASSIGN_OR_RETURN(
      const JobRecord job,
      control.SetPriority(caller, JobId(request.job_id()), request.priority()));
  return ShowJob(control, job, response);
}

absl::Status RetryJob(ControlPlane& control, const Caller& caller,
                      const v1::RetryJobRequest& request, v1::Job& response) {
  RETURN_IF_ERROR(CheckRequest(request));
  const JobId id(request.job_id());
  const std::set<int64_t> tasks(request.task_indices().begin(),
                                request.task_indices().end());
  // Who may not retry it hears nothing of how many tasks it has.
  RETURN_IF_ERROR(control.CheckMay(caller, Verb::kRetryJob, id));
  ASSIGN_OR_RETURN(JobRecord job, control.GetJob(caller, id));
  RETURN_IF_ERROR(CheckTaskIndices(tasks, job));
  ASSIGN_OR_RETURN(job, control.Retry(caller, id, tasks));
  return ShowJob(control, job, response);
}

absl::Status DeleteJob(ControlPlane& control, const Caller& caller,
                       const v1::DeleteJobRequest& request, v1::Job& response) {
  return Change(control, caller, request, &ControlPlane::DeleteJob, response);
}

}  // namespace atelier
