// The Jobs service (jobs.proto) over the Dispatcher.
#ifndef ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_
#define ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "coordinator/artifacts/artifact_store.h"
#include "coordinator/rpc/dispatcher.h"
#include "coordinator/rpc/job_watches.h"
#include "coordinator/rpc/validation.h"
#include "coordinator/rpc/work_pool.h"

namespace atelier {

/// Thread-safe. Lifetime: the arguments must outlive it.
class JobsService : public v1::Jobs::CallbackService {
 public:
  JobsService(Dispatcher& dispatcher, ArtifactStore& artifacts,
              JobWatches& watches, WorkPool& pool, const JobLimits& limits,
              std::function<absl::Status()> may_write)
      : dispatcher_(dispatcher),
        artifacts_(artifacts),
        watches_(watches),
        pool_(pool),
        limits_(limits),
        may_write_(std::move(may_write)) {}

  grpc::ServerUnaryReactor* SubmitJob(grpc::CallbackServerContext* context,
                                      const v1::SubmitJobRequest* request,
                                      v1::Job* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context,
                                   const v1::GetJobRequest* request,
                                   v1::Job* response) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* ListTasks(grpc::CallbackServerContext* context,
                                      const v1::ListTasksRequest* request,
                                      v1::ListTasksResponse* response) override;
  grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(
      grpc::CallbackServerContext* context,
      const v1::WatchJobRequest* request) override;
  grpc::ServerUnaryReactor* CancelJob(grpc::CallbackServerContext* context,
                                      const v1::CancelJobRequest* request,
                                      v1::Job* response) override;
  grpc::ServerUnaryReactor* PauseJob(grpc::CallbackServerContext* context,
                                     const v1::PauseJobRequest* request,
                                     v1::Job* response) override;
  grpc::ServerUnaryReactor* ResumeJob(grpc::CallbackServerContext* context,
                                      const v1::ResumeJobRequest* request,
                                      v1::Job* response) override;
  grpc::ServerUnaryReactor* SetJobPriority(
      grpc::CallbackServerContext* context,
      const v1::SetJobPriorityRequest* request, v1::Job* response) override;
  grpc::ServerUnaryReactor* RetryJob(grpc::CallbackServerContext* context,
                                     const v1::RetryJobRequest* request,
                                     v1::Job* response) override;
  grpc::ServerUnaryReactor* RepairJob(grpc::CallbackServerContext* context,
                                      const v1::RepairJobRequest* request,
                                      v1::RepairJobResponse* response) override;

 private:
  absl::Status Submit(const v1::SubmitJobRequest& request, v1::Job& response);
  absl::Status List(const v1::ListJobsRequest& request,
                    v1::ListJobsResponse& response);
  absl::Status List(const v1::ListTasksRequest& request,
                    v1::ListTasksResponse& response);
  // The job as the store has it, and why it waits.
  absl::Status Give(const absl::StatusOr<JobRecord>& job, v1::Job& response);
  absl::Status Repair(const v1::RepairJobRequest& request,
                      v1::RepairJobResponse& response);
  // Of the tasks that were asked about: those whose picture is gone or damaged.
  absl::StatusOr<std::vector<TaskPicture>> FindLost(
      const v1::RepairJobRequest& request);
  absl::Status CheckPresent(const std::set<std::string>& digests);

  Dispatcher& dispatcher_;
  ArtifactStore& artifacts_;
  JobWatches& watches_;
  WorkPool& pool_;
  const JobLimits limits_;
  const std::function<absl::Status()> may_write_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_
