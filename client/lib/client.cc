#include "client/lib/client.h"

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.grpc.pb.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "atelier/v1/ratings.grpc.pb.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "common/clock.h"
#include "common/random_id.h"
#include "common/rpc/call_end.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace atelier {
namespace {

using Jobs = v1::Jobs::Stub;
using Workers = v1::Workers::Stub;
using Artifacts = v1::Artifacts::Stub;
using Access = v1::Access::Stub;
using Ratings = v1::Ratings::Stub;

constexpr int kPageSize = 500;
// An input can be swept away between its upload and the submit; more often
// than this it is not chance.
constexpr int kSubmitTries = 3;
// Far more than workers write.
constexpr int64_t kMostLogBytes = int64_t{16} << 20;

ArtifactClientOptions LogOptions(const ClientOptions& options) {
  ArtifactClientOptions logs;
  logs.retry = options.retry;
  logs.max_download_bytes = kMostLogBytes;
  logs.kind = v1::ARTIFACT_KIND_LOG;
  return logs;
}

}  // namespace

bool HasEnded(const v1::Job& job) {
  return job.state() == v1::JOB_STATE_SUCCEEDED ||
         job.state() == v1::JOB_STATE_FAILED ||
         job.state() == v1::JOB_STATE_CANCELLED;
}

struct Client::Connection {
  Connection(const std::shared_ptr<grpc::Channel>& channel,
             const RetryPolicy& policy, StopSignal& stop_signal)
      : stubs(channel, channel, channel, channel, channel),
        retry(policy),
        stop(stop_signal) {}

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    return Call(method, request, retry);
  }

  // Repeats the call as the policy says; `stop` cancels it.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, const RetryPolicy& policy) {
    Response response;
    RETURN_IF_ERROR(CallWithRetry(policy, stop, [&] {
      response.Clear();
      grpc::ClientContext context;
      StopCallback cancel(stop, [&] { context.TryCancel(); });
      Stub& stub = std::get<Stub>(stubs);
      return EndOf((stub.*method)(&context, request, &response), stop);
    }));
    return response;
  }

  std::tuple<Jobs, Workers, Artifacts, Access, Ratings> stubs;
  const RetryPolicy retry;
  StopSignal& stop;
};

Client::Client(const std::shared_ptr<grpc::Channel>& channel, StopSignal& stop,
               const ClientOptions& options)
    : connection_(std::make_unique<Connection>(channel, options.retry, stop)),
      artifacts_(channel, ArtifactClientOptions{options.retry}),
      logs_(channel, LogOptions(options)),
      stop_(stop),
      options_(options) {}

Client::~Client() = default;

absl::Status Client::Reach(absl::Duration patience) {
  RetryPolicy policy = options_.retry;
  policy.give_up_after = patience;
  v1::ListJobsRequest request;
  request.set_page_size(1);
  return CallWithRetry(policy, stop_, [&] {
    grpc::ClientContext context;
    StopCallback cancel(stop_, [&] { context.TryCancel(); });
    context.set_deadline(After(patience));
    // Between calls nobody polls the connection: of one that is refused while
    // the coordinator starts, only a call that waits hears in time to try
    // again.
    context.set_wait_for_ready(true);
    v1::ListJobsResponse response;
    return EndOf(std::get<Jobs>(connection_->stubs)
                     .ListJobs(&context, request, &response),
                 stop_);
  });
}

absl::Status Client::UploadMissing(const std::vector<PreparedInput>& inputs) {
  std::vector<std::string> digests;
  for (const PreparedInput& input : inputs) digests.push_back(input.digest);
  ASSIGN_OR_RETURN(const std::vector<std::string> lacking,
                   artifacts_.FindMissing(digests, &stop_));
  const std::set<std::string> missing(lacking.begin(), lacking.end());
  for (const PreparedInput& input : inputs) {
    if (missing.count(input.digest) == 0) continue;
    RETURN_IF_ERROR(
        input.bytes != nullptr
            ? artifacts_.Upload(*input.bytes, &stop_).status()
            : artifacts_.UploadFile(input.path, input.digest, &stop_));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Job> Client::Submit(const PreparedJob& job) {
  v1::SubmitJobRequest request;
  request.set_request_id(RandomId());
  *request.mutable_spec() = job.spec;
  absl::StatusOr<v1::Job> accepted;
  for (int tries = 0; tries < kSubmitTries; ++tries) {
    RETURN_IF_ERROR(UploadMissing(job.inputs));
    accepted = connection_->Call(&Jobs::SubmitJob, request);
    if (!absl::IsFailedPrecondition(accepted.status())) break;
  }
  return accepted;
}

absl::StatusOr<v1::PreviewJobResponse> Client::PreviewJob(
    const v1::JobSpec& spec, int64_t first_index, int page_size) {
  v1::PreviewJobRequest request;
  *request.mutable_spec() = spec;
  request.set_first_index(first_index);
  request.set_page_size(page_size);
  return connection_->Call(&Jobs::PreviewJob, request);
}

absl::StatusOr<v1::Job> Client::GetJob(const std::string& job_id) {
  v1::GetJobRequest request;
  request.set_job_id(job_id);
  return connection_->Call(&Jobs::GetJob, request);
}

absl::StatusOr<std::vector<v1::Job>> Client::ListJobs(
    int limit, v1::ListJobsRequest request) {
  std::vector<v1::Job> jobs;
  request.clear_page_token();
  do {
    request.set_page_size(
        std::min(kPageSize, limit - static_cast<int>(jobs.size())));
    ASSIGN_OR_RETURN(v1::ListJobsResponse page,
                     connection_->Call(&Jobs::ListJobs, request));
    std::move(page.mutable_jobs()->begin(), page.mutable_jobs()->end(),
              std::back_inserter(jobs));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() &&
           static_cast<int>(jobs.size()) < limit);
  return jobs;
}

absl::Status Client::ForEachTask(
    const std::string& job_id,
    absl::FunctionRef<absl::Status(const v1::Task& task)> visit) {
  return ForEachTaskPage(
      job_id, [&](const v1::ListTasksResponse& page) -> absl::StatusOr<bool> {
        for (const v1::Task& task : page.tasks()) RETURN_IF_ERROR(visit(task));
        return true;
      });
}

absl::Status Client::ForEachTaskPage(
    const std::string& job_id,
    absl::FunctionRef<absl::StatusOr<bool>(const v1::ListTasksResponse& page)>
        visit) {
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const v1::ListTasksResponse page,
                     connection_->Call(&Jobs::ListTasks, request));
    ASSIGN_OR_RETURN(const bool go_on, visit(page));
    if (!go_on) break;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::ListTasksResponse> Client::ListTasks(
    const std::string& job_id, int64_t first_index, int count) {
  constexpr absl::Duration kPatience = absl::Seconds(5);
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
  request.set_first_index(first_index);
  request.set_page_size(count);
  v1::ListTasksResponse response;
  grpc::ClientContext context;
  context.set_deadline(After(kPatience));
  StopCallback cancel(stop_, [&] { context.TryCancel(); });
  RETURN_IF_ERROR(EndOf(std::get<Jobs>(connection_->stubs)
                            .ListTasks(&context, request, &response),
                        stop_));
  return response;
}

absl::StatusOr<v1::Task> Client::GetTask(const std::string& job_id,
                                         int64_t index) {
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
  request.set_page_size(1);
  request.set_first_index(index);
  ASSIGN_OR_RETURN(const v1::ListTasksResponse page,
                   connection_->Call(&Jobs::ListTasks, request));
  // An older coordinator begins with the first task, whatever is asked for.
  if (page.tasks_size() != 1 || page.tasks(0).index() != index) {
    return absl::NotFoundError(absl::StrCat("the coordinator has no task ",
                                            index, " of job ", job_id));
  }
  return page.tasks(0);
}

absl::StatusOr<std::vector<v1::Attempt>> Client::ListAttempts(
    const std::string& job_id, int64_t task_index) {
  v1::ListAttemptsRequest request;
  request.set_job_id(job_id);
  request.set_task_index(task_index);
  ASSIGN_OR_RETURN(const v1::ListAttemptsResponse response,
                   connection_->Call(&Jobs::ListAttempts, request));
  return std::vector<v1::Attempt>(response.attempts().begin(),
                                  response.attempts().end());
}

absl::StatusOr<v1::Job> Client::Watch(
    const std::string& job_id,
    absl::FunctionRef<void(const v1::JobSnapshot& snapshot)> on_snapshot) {
  RetryPolicy policy = options_.retry;
  policy.give_up_after = options_.watch_patience;
  RetrySchedule schedule(policy, Clock::Steady().Now(), std::random_device{}());
  while (true) {
    absl::StatusOr<v1::Job> ended = WatchOnce(job_id, on_snapshot, schedule);
    if (ended.ok()) return ended;
    if (stop_.stopped()) return absl::CancelledError("stopped watching");
    const std::optional<absl::Duration> wait =
        schedule.WaitAfter(ended.status(), Clock::Steady().Now());
    if (!wait.has_value()) return ended;
    stop_.WaitFor(*wait);
  }
}

absl::StatusOr<v1::Job> Client::WatchOnce(
    const std::string& job_id,
    absl::FunctionRef<void(const v1::JobSnapshot& snapshot)> on_snapshot,
    RetrySchedule& schedule) {
  v1::WatchJobRequest request;
  request.set_job_id(job_id);
  grpc::ClientContext context;
  StopCallback cancel(stop_, [&] { context.TryCancel(); });
  const auto stream =
      std::get<Jobs>(connection_->stubs).WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  while (stream->Read(&snapshot)) {
    schedule.Progressed(Clock::Steady().Now());
    on_snapshot(snapshot);
  }
  RETURN_IF_ERROR(EndOf(stream->Finish(), stop_));
  if (HasEnded(snapshot.job())) return snapshot.job();
  return absl::UnavailableError(
      absl::StrCat("the coordinator stopped watching job ", job_id));
}

absl::StatusOr<v1::Job> Client::CancelJob(const std::string& job_id) {
  v1::CancelJobRequest request;
  request.set_job_id(job_id);
  return connection_->Call(&Jobs::CancelJob, request);
}

absl::StatusOr<v1::Job> Client::RetryJob(
    const std::string& job_id, absl::Span<const int64_t> task_indices) {
  v1::RetryJobRequest request;
  request.set_job_id(job_id);
  request.mutable_task_indices()->Assign(task_indices.begin(),
                                         task_indices.end());
  return connection_->Call(&Jobs::RetryJob, request);
}

absl::StatusOr<v1::Job> Client::DeleteJob(const std::string& job_id) {
  v1::DeleteJobRequest request;
  request.set_job_id(job_id);
  return connection_->Call(&Jobs::DeleteJob, request);
}

absl::StatusOr<std::vector<int64_t>> Client::RepairJob(
    const std::string& job_id, absl::Span<const int64_t> task_indices) {
  constexpr size_t kAtOnce = 1000;
  std::vector<int64_t> queued;
  for (size_t first = 0; first < task_indices.size(); first += kAtOnce) {
    const absl::Span<const int64_t> some = task_indices.subspan(first, kAtOnce);
    v1::RepairJobRequest request;
    request.set_job_id(job_id);
    request.mutable_task_indices()->Assign(some.begin(), some.end());
    ASSIGN_OR_RETURN(const v1::RepairJobResponse response,
                     connection_->Call(&Jobs::RepairJob, request));
    queued.insert(queued.end(), response.queued_indices().begin(),
                  response.queued_indices().end());
  }
  return queued;
}

absl::StatusOr<v1::Job> Client::PauseJob(const std::string& job_id) {
  v1::PauseJobRequest request;
  request.set_job_id(job_id);
  return connection_->Call(&Jobs::PauseJob, request);
}

absl::StatusOr<v1::Job> Client::ResumeJob(const std::string& job_id) {
  v1::ResumeJobRequest request;
  request.set_job_id(job_id);
  return connection_->Call(&Jobs::ResumeJob, request);
}

absl::StatusOr<v1::Job> Client::SetJobPriority(const std::string& job_id,
                                               int priority) {
  v1::SetJobPriorityRequest request;
  request.set_job_id(job_id);
  request.set_priority(priority);
  return connection_->Call(&Jobs::SetJobPriority, request);
}

absl::StatusOr<std::vector<v1::Worker>> Client::ListWorkers() {
  ASSIGN_OR_RETURN(
      const v1::ListWorkersResponse response,
      connection_->Call(&Workers::ListWorkers, v1::ListWorkersRequest()));
  return std::vector<v1::Worker>(response.workers().begin(),
                                 response.workers().end());
}

absl::StatusOr<v1::Worker> Client::DrainWorker(const std::string& name) {
  v1::DrainWorkerRequest request;
  request.set_name(name);
  return connection_->Call(&Workers::DrainWorker, request);
}

absl::StatusOr<v1::CollectGarbageResponse> Client::CollectGarbage(
    const v1::CollectGarbageRequest& request) {
  return connection_->Call(&Artifacts::CollectGarbage, request);
}

absl::StatusOr<v1::Worker> Client::ReleaseWorker(const std::string& name) {
  v1::ReleaseWorkerRequest request;
  request.set_name(name);
  return connection_->Call(&Workers::ReleaseWorker, request);
}

absl::StatusOr<v1::CreateTokenResponse> Client::CreateToken(
    const v1::CreateTokenRequest& request) {
  // Not repeated: each call makes one.
  RetryPolicy once = options_.retry;
  once.give_up_after = absl::ZeroDuration();
  return connection_->Call(&Access::CreateToken, request, once);
}

absl::StatusOr<std::vector<v1::Token>> Client::ListTokens() {
  ASSIGN_OR_RETURN(
      const v1::ListTokensResponse list,
      connection_->Call(&Access::ListTokens, v1::ListTokensRequest()));
  return std::vector<v1::Token>(list.tokens().begin(), list.tokens().end());
}

absl::StatusOr<v1::Token> Client::RevokeToken(const std::string& accessor) {
  v1::RevokeTokenRequest request;
  request.set_accessor(accessor);
  return connection_->Call(&Access::RevokeToken, request);
}

absl::StatusOr<v1::ListAuditResponse> Client::ListAudit(
    const v1::ListAuditRequest& request) {
  return connection_->Call(&Access::ListAudit, request);
}

absl::StatusOr<v1::Quota> Client::SetQuota(const v1::SetQuotaRequest& request) {
  return connection_->Call(&Access::SetQuota, request);
}

absl::StatusOr<std::vector<v1::Quota>> Client::ListQuotas() {
  ASSIGN_OR_RETURN(
      const v1::ListQuotasResponse list,
      connection_->Call(&Access::ListQuotas, v1::ListQuotasRequest()));
  return std::vector<v1::Quota>(list.quotas().begin(), list.quotas().end());
}

absl::StatusOr<v1::TaskRating> Client::StarTask(
    const v1::StarTaskRequest& request) {
  return connection_->Call(&Ratings::StarTask, request);
}

absl::StatusOr<std::vector<v1::TaskRating>> Client::JudgeTasks(
    const v1::JudgeTasksRequest& request) {
  ASSIGN_OR_RETURN(const v1::JudgeTasksResponse judged,
                   connection_->Call(&Ratings::JudgeTasks, request));
  return std::vector<v1::TaskRating>(judged.ratings().begin(),
                                     judged.ratings().end());
}

absl::StatusOr<std::vector<std::string>> Client::FindMissing(
    const std::vector<std::string>& digests) {
  return artifacts_.FindMissing(digests, &stop_);
}

absl::StatusOr<std::string> Client::Download(const std::string& digest,
                                             const ArtifactScope& scope) {
  return artifacts_.Download(digest, &stop_, scope);
}

absl::StatusOr<std::string> Client::DownloadLog(const std::string& digest,
                                                const ArtifactScope& scope) {
  return logs_.Download(digest, &stop_, scope);
}

}  // namespace atelier
