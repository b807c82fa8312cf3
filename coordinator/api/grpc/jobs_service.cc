#include "coordinator/api/grpc/jobs_service.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/v1/jobs.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/quoted_text.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/grpc/job_watch.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/job_changes.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/job_submission.h"
#include "coordinator/api/views/job_views.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

/// Ends a watch that is not admitted, or whose request is malformed.
class RefusedWatch : public grpc::ServerWriteReactor<v1::JobSnapshot> {
 public:
  explicit RefusedWatch(const absl::Status& status) { Finish(ToGrpc(status)); }
  RefusedWatch(const CallSupport& support, const Admission& refused) {
    support.Refuse(refused,
                   [this](const grpc::Status& status) { Finish(status); });
  }
  void OnDone() override { delete this; }
};

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

class JobsService : public v1::Jobs::CallbackService {
 public:
  JobsService(ControlPlane& control, ArtifactCatalog& artifacts,
              ArtifactAccess& access, JobFeed& feed, const CallSupport& support,
              const JobLimits& limits, std::function<absl::Status()> may_write)
      : control_(control),
        artifacts_(artifacts),
        feed_(feed),
        support_(support),
        submission_({control, artifacts, access, support.pool}, limits,
                    std::move(may_write)) {}

  Reactor* SubmitJob(Context* context, const v1::SubmitJobRequest* request,
                     v1::Job* response) override {
    return AnswerLater(
        support_, context,
        [this, request, response](const Caller& caller, const Answer& answer) {
          return submission_.Submit(caller, *request, *response, answer);
        });
  }
  Reactor* PreviewJob(Context* context, const v1::PreviewJobRequest* request,
                      v1::PreviewJobResponse* response) override {
    return AnswerLater(
        support_, context,
        [this, request, response](const Caller& caller, const Answer& answer) {
          return submission_.Preview(caller, *request, *response, answer);
        });
  }
  Reactor* GetJob(Context* context, const v1::GetJobRequest* request,
                  v1::Job* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::GetJob(control_, caller, *request, *response);
        });
  }
  Reactor* ListJobs(Context* context, const v1::ListJobsRequest* request,
                    v1::ListJobsResponse* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::ListJobs(control_, caller, *request, *response);
        });
  }
  Reactor* ListTasks(Context* context, const v1::ListTasksRequest* request,
                     v1::ListTasksResponse* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::ListTasks(control_, caller, *request, *response);
        });
  }
  Reactor* ListAttempts(Context* context,
                        const v1::ListAttemptsRequest* request,
                        v1::ListAttemptsResponse* response) override {
    return AnswerOn(
        support_, context, [this, request, response](const Caller& caller) {
          return atelier::ListAttempts(control_, caller, *request, *response);
        });
  }
  grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(
      Context* context, const v1::WatchJobRequest* request) override {
    const Admission admitted = support_.Admit(*context, CallKind::kStream);
    if (!admitted.caller.ok()) return new RefusedWatch(support_, admitted);
    if (const absl::Status status = CheckJobId(request->job_id());
        !status.ok()) {
      return new RefusedWatch(status);
    }
    return atelier::WatchJob(feed_, support_, admitted,
                             JobId(request->job_id()));
  }
  Reactor* CancelJob(Context* context, const v1::CancelJobRequest* request,
                     v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::CancelJob);
  }
  Reactor* PauseJob(Context* context, const v1::PauseJobRequest* request,
                    v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::PauseJob);
  }
  Reactor* ResumeJob(Context* context, const v1::ResumeJobRequest* request,
                     v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::ResumeJob);
  }
  Reactor* SetJobPriority(Context* context,
                          const v1::SetJobPriorityRequest* request,
                          v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::SetJobPriority);
  }
  Reactor* RetryJob(Context* context, const v1::RetryJobRequest* request,
                    v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::RetryJob);
  }
  Reactor* DeleteJob(Context* context, const v1::DeleteJobRequest* request,
                     v1::Job* response) override {
    return ChangeJob(context, request, response, atelier::DeleteJob);
  }
  Reactor* RepairJob(Context* context, const v1::RepairJobRequest* request,
                     v1::RepairJobResponse* response) override {
    return AnswerLater(
        support_, context,
        [this, request, response](const Caller& caller, const Answer& answer) {
          return Repair(caller, *request, *response, answer);
        });
  }

 private:
  // `change` is one of job_changes.h.
  template <typename Request>
  Reactor* ChangeJob(Context* context, const Request* request,
                     v1::Job* response,
                     absl::Status (*change)(ControlPlane&, const Caller&,
                                            const Request&, v1::Job&)) {
    return AnswerOn(support_, context,
                    [this, request, response, change](const Caller& caller) {
                      return change(control_, caller, *request, *response);
                    });
  }

  absl::Status Repair(const Caller& caller, const v1::RepairJobRequest& request,
                      v1::RepairJobResponse& response, const Answer& answer) {
    RETURN_IF_ERROR(CheckRequest(request));
    ASSIGN_OR_RETURN(std::vector<TaskPicture> pictures,
                     FindPictures(caller, request));
    FindLost(
        std::move(pictures),
        [this, caller, &request, &response,
         answer](const absl::StatusOr<std::vector<TaskPicture>>& lost) {
          support_.pool.Schedule([this, caller, &request, &response, answer,
                                  lost] {
            answer(RepairLost(caller, JobId(request.job_id()), lost, response));
          });
        });
    return absl::OkStatus();
  }

  absl::Status RepairLost(const Caller& caller, const JobId& id,
                          const absl::StatusOr<std::vector<TaskPicture>>& lost,
                          v1::RepairJobResponse& response) {
    RETURN_IF_ERROR(lost.status());
    if (!lost->empty()) {
      ASSIGN_OR_RETURN(const std::vector<int64_t> queued,
                       control_.Repair(caller, id, *lost));
      response.mutable_queued_indices()->Assign(queued.begin(), queued.end());
    }
    return Give(control_.GetJob(caller, id), *response.mutable_job());
  }

  // Those of the tasks that were asked about.
  absl::StatusOr<std::vector<TaskPicture>> FindPictures(
      const Caller& caller, const v1::RepairJobRequest& request) {
    const JobId id(request.job_id());
    // Who may not repair has nothing verified either.
    RETURN_IF_ERROR(control_.CheckMay(caller, Verb::kRepairJob, id));
    ASSIGN_OR_RETURN(const JobRecord job, control_.GetJob(caller, id));
    const std::set<int64_t> indices(request.task_indices().begin(),
                                    request.task_indices().end());
    RETURN_IF_ERROR(CheckTaskIndices(indices, job));
    return control_.FindPictures(caller, id, indices);
  }

  // Of these, those whose picture is gone or damaged. Reads one after another.
  void FindLost(
      std::vector<TaskPicture> left,
      std::function<void(absl::StatusOr<std::vector<TaskPicture>>)> done,
      std::vector<TaskPicture> lost = {}) {
    if (left.empty()) {
      std::reverse(lost.begin(), lost.end());
      done(std::move(lost));
      return;
    }
    const BlobKey key{ArtifactKind::kArtifact, left.back().digest};
    artifacts_.Verify(key, [this, left = std::move(left),
                            done = std::move(done), lost = std::move(lost)](
                               const absl::StatusOr<bool>& is_whole) mutable {
      if (!is_whole.ok()) {
        done(is_whole.status());
        return;
      }
      if (!*is_whole) lost.push_back(left.back());
      left.pop_back();
      FindLost(std::move(left), std::move(done), std::move(lost));
    });
  }

  // The job as the store has it, and why it waits: whoever gets the one may
  // know the other.
  absl::Status Give(const absl::StatusOr<JobRecord>& job, v1::Job& response) {
    RETURN_IF_ERROR(job.status());
    return ShowJob(control_, *job, response);
  }

  ControlPlane& control_;
  ArtifactCatalog& artifacts_;
  JobFeed& feed_;
  const CallSupport& support_;
  JobSubmission submission_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeJobsService(
    ControlPlane& control, ArtifactCatalog& artifacts, ArtifactAccess& access,
    JobFeed& feed, const CallSupport& support, const JobLimits& limits,
    std::function<absl::Status()> may_write) {
  return std::make_unique<JobsService>(control, artifacts, access, feed,
                                       support, limits, std::move(may_write));
}

}  // namespace atelier
