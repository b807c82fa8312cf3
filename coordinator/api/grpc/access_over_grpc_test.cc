// What callers of gRPC hear of what they may not do.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/retry_after.h"
#include "common/rpc/denial.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/api/grpc/caller_fixture_testing.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAreArray;

class AccessOverGrpcTest : public CallerFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    CallerFixture::Adjust(options);
    AdmissionOptions admission;
    admission.limits.requests_per_second = 1;
    admission.limits.burst = absl::Seconds(1);
    admission_.emplace(clock_, std::move(admission));
    options.admission = &*admission_;
  }
  // A job of bob's.
  std::string SubmitBobs() {
    PutInputs();
    v1::JobSpec spec = SmallJob();
    spec.set_user("bob");
    return MustSubmit(spec).job_id();
  }
  absl::Status Cancel(const std::string& id) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(id);
    v1::Job job;
    return FromGrpc(jobs_->CancelJob(&context, request, &job));
  }
  absl::Status DownloadOf(const std::string& digest, v1::ArtifactKind kind) {
    v1::DownloadRequest request;
    request.set_digest(digest);
    request.set_kind(kind);
    return Download(request);
  }
  absl::Status Watch(const std::string& id) {
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_job_id(id);
    const auto stream = jobs_->WatchJob(&context, request);
    v1::JobSnapshot snapshot;
    while (stream->Read(&snapshot)) context.TryCancel();
    return FromGrpc(stream->Finish());
  }

  template <typename Stub, typename Request, typename Response>
  static std::function<absl::Status()> Unary(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      Request request = {}) {
    return [&stub, method, request] {
      grpc::ClientContext context;
      Response response;
      return FromGrpc((stub.*method)(&context, request, &response));
    };
  }
  template <typename Request>
  static Request Of(const std::string& job) {
    Request request;
    request.set_job_id(job);
    return request;
  }
  template <typename Request>
  static Request Named(const std::string& worker) {
    Request request;
    request.set_name(worker);
    return request;
  }

  // A valid request of each method, by its name.
  std::map<std::string, std::function<absl::Status()>> AllCalls(
      const std::string& id) {
    using Jobs = v1::Jobs::Stub;
    using Workers = v1::Workers::Stub;
    const std::string jobs = "/atelier.v1.Jobs/";
    const std::string workers = "/atelier.v1.Workers/";
    const std::string files = "/atelier.v1.Artifacts/";
    const std::string access = "/atelier.v1.Access/";
    v1::SubmitJobRequest submit;
    submit.set_request_id(RandomId());
    *submit.mutable_spec() = SmallJob();
    v1::PreviewJobRequest preview;
    *preview.mutable_spec() = SmallJob();
    const std::string ratings = "/atelier.v1.Ratings/";
    using Ratings = v1::Ratings::Stub;
    auto judge = Of<v1::JudgeTasksRequest>(id);
    judge.add_task_indexes(0);
    judge.add_task_indexes(1);
    auto repair = Of<v1::RepairJobRequest>(id);
    repair.add_task_indices(0);
    return {
        {jobs + "SubmitJob", Unary(*jobs_, &Jobs::SubmitJob, submit)},
        {jobs + "PreviewJob", Unary(*jobs_, &Jobs::PreviewJob, preview)},
        {jobs + "GetJob",
         Unary(*jobs_, &Jobs::GetJob, Of<v1::GetJobRequest>(id))},
        {jobs + "ListJobs", Unary(*jobs_, &Jobs::ListJobs)},
        {jobs + "ListTasks",
         Unary(*jobs_, &Jobs::ListTasks, Of<v1::ListTasksRequest>(id))},
        {jobs + "ListAttempts",
         Unary(*jobs_, &Jobs::ListAttempts, Of<v1::ListAttemptsRequest>(id))},
        {jobs + "WatchJob", [this, id] { return Watch(id); }},
        {jobs + "CancelJob",
         Unary(*jobs_, &Jobs::CancelJob, Of<v1::CancelJobRequest>(id))},
        {jobs + "PauseJob",
         Unary(*jobs_, &Jobs::PauseJob, Of<v1::PauseJobRequest>(id))},
        {jobs + "ResumeJob",
         Unary(*jobs_, &Jobs::ResumeJob, Of<v1::ResumeJobRequest>(id))},
        {jobs + "SetJobPriority", Unary(*jobs_, &Jobs::SetJobPriority,
                                        Of<v1::SetJobPriorityRequest>(id))},
        {jobs + "RetryJob",
         Unary(*jobs_, &Jobs::RetryJob, Of<v1::RetryJobRequest>(id))},
        {jobs + "DeleteJob",
         Unary(*jobs_, &Jobs::DeleteJob, Of<v1::DeleteJobRequest>(id))},
        {jobs + "RepairJob", Unary(*jobs_, &Jobs::RepairJob, repair)},
        {workers + "Synchronize",
         Unary(*workers_, &Workers::Synchronize, Worker("anna"))},
        {workers + "ListWorkers", Unary(*workers_, &Workers::ListWorkers)},
        {workers + "DrainWorker", Unary(*workers_, &Workers::DrainWorker,
                                        Named<v1::DrainWorkerRequest>("anna"))},
        {workers + "ReleaseWorker",
         Unary(*workers_, &Workers::ReleaseWorker,
               Named<v1::ReleaseWorkerRequest>("anna"))},
        {files + "FindMissing",
         Unary(*files_, &v1::Artifacts::Stub::FindMissing)},
        {files + "Upload",
         [this] { return FromGrpc(Upload(HexDigest("new"), 3, {"new"})); }},
        {files + "Download",
         [this] {
           return DownloadOf(HexDigest("content"),
                             v1::ARTIFACT_KIND_UNSPECIFIED);
         }},
        {access + "CreateToken",
         Unary(*access_, &v1::Access::Stub::CreateToken)},
        {access + "ListTokens", Unary(*access_, &v1::Access::Stub::ListTokens)},
        {access + "RevokeToken",
         Unary(*access_, &v1::Access::Stub::RevokeToken)},
        {access + "ListAudit", Unary(*access_, &v1::Access::Stub::ListAudit)},
        {access + "SetQuota", Unary(*access_, &v1::Access::Stub::SetQuota)},
        {access + "ListQuotas", Unary(*access_, &v1::Access::Stub::ListQuotas)},
        {ratings + "StarTask",
         Unary(*ratings_, &Ratings::StarTask, Of<v1::StarTaskRequest>(id))},
        {ratings + "JudgeTasks", Unary(*ratings_, &Ratings::JudgeTasks, judge)},
        {ratings + "ListRatings", Unary(*ratings_, &Ratings::ListRatings,
                                        Of<v1::ListRatingsRequest>(id))},
        {files + "CollectGarbage",
         Unary(*files_, &v1::Artifacts::Stub::CollectGarbage)},
    };
  }

  FakeClock clock_{absl::UnixEpoch()};
  std::optional<AdmissionControl> admission_;
};

TEST_F(AccessOverGrpcTest, WithoutARoleEveryMethodIsDenied) {
  const std::string id = SubmitBobs();
  const auto calls = AllCalls(id);
  std::vector<std::string> methods;
  for (const auto& [method, call] : calls) methods.push_back(method);
  EXPECT_THAT(methods, UnorderedElementsAreArray(AllRpcMethods()));
  Become(Caller{"bob", {}});
  for (const auto& [method, call] : calls) {
    SCOPED_TRACE(method);
    const absl::Status status = call();
    EXPECT_TRUE(IsDenial(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("bob may not "));
  }
  Become(AnonymousAdmin());
  v1::Job job;
  ASSERT_TRUE(Get(id, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_QUEUED) << "not cancelled";
  EXPECT_FALSE(job.paused());
  EXPECT_FALSE(Has(HexDigest("new")));
  EXPECT_TRUE(control_->ListWorkers(AnonymousAdmin())->empty());
}

TEST_F(AccessOverGrpcTest, WhoCannotBeToldIsUnauthenticatedEverywhere) {
  const auto calls = AllCalls(SubmitBobs());
  Become(absl::UnauthenticatedError("no token"));
  for (const auto& [method, call] : calls) {
    SCOPED_TRACE(method);
    const absl::Status status = call();
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    EXPECT_EQ(status.message(), "no token");
  }
}

TEST_F(AccessOverGrpcTest, AtABoundEveryMethodSaysWhenToComeBack) {
  const auto calls = AllCalls(SubmitBobs());
  Caller bob{"bob", {Role::kAdmin}};
  bob.accessor = "b0b";
  Become(bob);
  EXPECT_TRUE(calls.at("/atelier.v1.Jobs/ListJobs")().ok());
  for (const auto& [method, call] : calls) {
    SCOPED_TRACE(method);
    const absl::Status status = call();
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_EQ(RetryAfterOf(status), absl::Seconds(1));
  }
}

TEST_F(AccessOverGrpcTest, AnOwnerCancelsItsOwnJobAndNoOther) {
  const std::string id = SubmitBobs();
  Become(Caller{"alice", {Role::kSubmit}});
  const absl::Status denied = Cancel(id);
  EXPECT_TRUE(IsDenial(denied)) << denied;
  EXPECT_EQ(denied.message(),
            absl::StrCat("job ", id, ": alice may not cancel it: it is bob's; ",
                         "needs the role admin, has submit"));
  Become(Caller{"bob", {Role::kSubmit}});
  EXPECT_TRUE(Cancel(id).ok());
}

TEST_F(AccessOverGrpcTest, CheckpointsAreTheWorkers) {
  const std::string digest = Put("state", v1::ARTIFACT_KIND_CHECKPOINT);
  Become(Caller{"alice", {Role::kRead, Role::kSubmit}});
  EXPECT_TRUE(IsDenial(DownloadOf(digest, v1::ARTIFACT_KIND_CHECKPOINT)));
  EXPECT_TRUE(IsDenial(FromGrpc(
      Upload(HexDigest("new"), 3, {"new"}, v1::ARTIFACT_KIND_CHECKPOINT))));
  Become(Caller{"w", {Role::kWork}});
  EXPECT_TRUE(
      absl::IsInvalidArgument(DownloadOf(digest, v1::ARTIFACT_KIND_CHECKPOINT)))
      << "a worker says for which attempt";
}

TEST_F(AccessOverGrpcTest, WhoMayOnlyReadSeesAllAndChangesNothing) {
  const std::string id = SubmitBobs();
  Become(Caller{"ray", {Role::kRead}});
  const std::set<std::string> reads = {
      "/atelier.v1.Jobs/GetJob",        "/atelier.v1.Jobs/ListJobs",
      "/atelier.v1.Jobs/ListTasks",     "/atelier.v1.Jobs/ListAttempts",
      "/atelier.v1.Jobs/WatchJob",      "/atelier.v1.Workers/ListWorkers",
      "/atelier.v1.Artifacts/Download", "/atelier.v1.Ratings/ListRatings"};
  for (const auto& [method, call] : AllCalls(id)) {
    SCOPED_TRACE(method);
    EXPECT_EQ(IsDenial(call()), reads.count(method) == 0);
  }
}

}  // namespace
}  // namespace atelier
