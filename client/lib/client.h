// The coordinator, from a client's side: submit, watch, list, steer.
//
//   StopSignal stop;
//   Client client(MakeChannel(endpoint), stop);
//   ASSIGN_OR_RETURN(v1::Job job, client.Submit(prepared));
//   ASSIGN_OR_RETURN(job, client.Watch(job.job_id(), on_snapshot));
#ifndef ATELIER_CLIENT_LIB_CLIENT_H_
#define ATELIER_CLIENT_LIB_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "atelier/v1/access.pb.h"
#include "atelier/v1/artifacts.pb.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "client/lib/prepare.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/retry.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// Whether nothing of the job is left to do.
bool HasEnded(const v1::Job& job);

struct ClientOptions {
  RetryPolicy retry;
  /// How long Watch looks for a coordinator that went away.
  absl::Duration watch_patience = absl::Minutes(2);
};

/// Errors common to all: Unavailable once the policy gives up, Cancelled when
///         `stop` stops, else as the service says.
/// Lifetime: `stop` outlives the client. Thread-safe.
class Client {
 public:
  Client(const std::shared_ptr<grpc::Channel>& channel, StopSignal& stop,
         const ClientOptions& options = {});
  ~Client();

  /// One try, so that a coordinator that is not there is told at once.
  /// Errors: Unavailable when none has answered within `patience`.
  absl::Status Reach(absl::Duration patience);

  /// Uploads what the coordinator lacks and submits. However often a call is
  /// lost on the way, the result is one job.
  /// Errors: InvalidArgument for an input that changed since it was prepared.
  absl::StatusOr<v1::Job> Submit(const PreparedJob& job);

  /// What Submit would make of a job: at most `page_size` of its tasks, up to
  /// 1,000, from `first_index` on. Uploads nothing.
  /// Errors: Unimplemented for a coordinator of before there were previews.
  absl::StatusOr<v1::PreviewJobResponse> PreviewJob(const v1::JobSpec& spec,
                                                    int64_t first_index,
                                                    int page_size);

  absl::StatusOr<v1::Job> GetJob(const std::string& job_id);
  /// Newest first, at most `limit` of those that are asked for; which page is
  /// no matter.
  absl::StatusOr<std::vector<v1::Job>> ListJobs(
      int limit, v1::ListJobsRequest request = {});

  /// Calls `visit` for every task by index, a page at a time; an error of
  /// `visit` ends the walk and is returned.
  absl::Status ForEachTask(
      const std::string& job_id,
      absl::FunctionRef<absl::Status(const v1::Task& task)> visit);
  /// The same, but `visit` gets whole pages, and ends the walk with false.
  absl::Status ForEachTaskPage(
      const std::string& job_id,
      absl::FunctionRef<absl::StatusOr<bool>(const v1::ListTasksResponse& page)>
          visit);

  /// At most `count` tasks from `first_index` on, up to 1,000. One try of some
  /// seconds: for what is soon asked for again.
  absl::StatusOr<v1::ListTasksResponse> ListTasks(const std::string& job_id,
                                                  int64_t first_index,
                                                  int count);

  /// Errors: NotFound, also for an index outside the job.
  absl::StatusOr<v1::Task> GetTask(const std::string& job_id, int64_t index);
  /// The task's attempts that have ended, the last 100, by number.
  absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(
      const std::string& job_id, int64_t task_index);

  /// Follows a job until it has ended, across lost connections and restarts
  /// of the coordinator. Returns the job as it ended.
  absl::StatusOr<v1::Job> Watch(
      const std::string& job_id,
      absl::FunctionRef<void(const v1::JobSnapshot& snapshot)> on_snapshot);

  absl::StatusOr<v1::Job> CancelJob(const std::string& job_id);
  /// Of `task_indices`, at most 1,000, those that failed; all when empty.
  absl::StatusOr<v1::Job> RetryJob(const std::string& job_id,
                                   absl::Span<const int64_t> task_indices);
  /// Removes a job that has ended; returns it as it was.
  absl::StatusOr<v1::Job> DeleteJob(const std::string& job_id);
  /// Has those of the tasks rendered again whose pictures are gone or damaged.
  /// Returns their indices. Any number of tasks.
  /// Errors: FailedPrecondition for a job that was cancelled.
  absl::StatusOr<std::vector<int64_t>> RepairJob(
      const std::string& job_id, absl::Span<const int64_t> task_indices);
  absl::StatusOr<v1::Job> PauseJob(const std::string& job_id);
  absl::StatusOr<v1::Job> ResumeJob(const std::string& job_id);
  absl::StatusOr<v1::Job> SetJobPriority(const std::string& job_id,
                                         int priority);
  absl::StatusOr<std::vector<v1::Worker>> ListWorkers();
  absl::StatusOr<v1::Worker> DrainWorker(const std::string& name);
  absl::StatusOr<v1::Worker> ReleaseWorker(const std::string& name);

  /// Removes artifacts that no job names. Errors: InvalidArgument.
  absl::StatusOr<v1::CollectGarbageResponse> CollectGarbage(
      const v1::CollectGarbageRequest& request);

  /// One try: of a call that is lost on the way a token may be left.
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(
      const v1::CreateTokenRequest& request);
  absl::StatusOr<std::vector<v1::Token>> ListTokens();
  absl::StatusOr<v1::Token> RevokeToken(const std::string& accessor);
  /// One page. Errors: InvalidArgument.
  absl::StatusOr<v1::ListAuditResponse> ListAudit(
      const v1::ListAuditRequest& request);

  absl::StatusOr<v1::Quota> SetQuota(const v1::SetQuotaRequest& request);
  absl::StatusOr<std::vector<v1::Quota>> ListQuotas();

  /// Both return the ratings as they are then. Errors: InvalidArgument,
  /// NotFound, Unimplemented for a coordinator of before there were ratings.
  absl::StatusOr<v1::TaskRating> StarTask(const v1::StarTaskRequest& request);
  absl::StatusOr<std::vector<v1::TaskRating>> JudgeTasks(
      const v1::JudgeTasksRequest& request);

  /// As ArtifactClient::FindMissing.
  absl::StatusOr<std::vector<std::string>> FindMissing(
      const std::vector<std::string>& digests);
  /// As ArtifactClient::Download.
  absl::StatusOr<std::string> Download(const std::string& digest,
                                       const ArtifactScope& scope);
  /// The same of a log; the scope names its task.
  absl::StatusOr<std::string> DownloadLog(const std::string& digest,
                                          const ArtifactScope& scope);

 private:
  struct Connection;
  absl::Status UploadMissing(const std::vector<PreparedInput>& inputs);
  absl::StatusOr<v1::Job> WatchOnce(
      const std::string& job_id,
      absl::FunctionRef<void(const v1::JobSnapshot& snapshot)> on_snapshot,
      RetrySchedule& schedule);

  const std::unique_ptr<Connection> connection_;
  ArtifactClient artifacts_;
  ArtifactClient logs_;
  StopSignal& stop_;
  const ClientOptions options_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_CLIENT_H_
