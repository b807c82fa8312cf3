// Tokens against a whole server on loopback.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.grpc.pb.h"
#include "common/digest.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/denial.h"
#include "common/rpc/grpc_status.h"
#include "common/token/token_text.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/token_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class TokenAccessTest : public TokenFixture {
 protected:
  absl::StatusOr<v1::Job> SubmitAs(const std::string& token,
                                   const std::string& user) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::SubmitJobRequest request;
    request.set_request_id(RandomId());
    *request.mutable_spec() = SmallJob();
    request.mutable_spec()->set_user(user);
    v1::Job job;
    const absl::Status status =
        FromGrpc(jobs_->SubmitJob(&context, request, &job));
    if (!status.ok()) return status;
    return job;
  }
  absl::Status SynchronizeAs(const std::string& token,
                             const std::string& worker, int slots = 1) {
    grpc::ClientContext context;
    Carry(context, token);
    // One who is let in waits for work.
    context.set_deadline(After(absl::Milliseconds(200)));
    v1::SynchronizeRequest request = Worker(worker);
    request.mutable_worker()->set_slots(slots);
    v1::SynchronizeResponse response;
    return FromGrpc(workers_->Synchronize(&context, request, &response));
  }
  absl::Status UploadAs(const std::string& token, const std::string& bytes) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::UploadResponse response;
    const auto stream = files_->Upload(&context, &response);
    v1::UploadRequest request;
    request.set_digest(HexDigest(bytes));
    request.set_size_bytes(static_cast<int64_t>(bytes.size()));
    request.set_chunk(bytes);
    stream->Write(request);
    stream->WritesDone();
    return FromGrpc(stream->Finish());
  }
  absl::StatusOr<v1::Quota> SetQuotaAs(const std::string& token,
                                       const v1::SetQuotaRequest& request) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::Quota quota;
    const absl::Status status =
        FromGrpc(access_->SetQuota(&context, request, &quota));
    if (!status.ok()) return status;
    return quota;
  }
  std::vector<v1::Quota> ListQuotasAs(const std::string& token) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::ListQuotasResponse list;
    EXPECT_TRUE(FromGrpc(access_->ListQuotas(&context, {}, &list)).ok());
    return {list.quotas().begin(), list.quotas().end()};
  }
  // Inputs of SmallJob, without a call.
  void PutBeside() {
    for (const char* name : {"content", "style", "weights"}) {
      ASSERT_TRUE(WaitingCatalog(*artifacts_).Put(name).ok());
    }
  }
};

TEST_F(TokenAccessTest, WithoutAValidTokenNobodyIsIn) {
  const NewToken revoked =
      tokens_->Create(AnonymousAdmin(), {Role::kAdmin}).value();
  ASSERT_TRUE(tokens_->Revoke(AnonymousAdmin(), revoked.record.accessor).ok());
  const std::string valid = Make(Role::kRead);
  for (const std::string& token :
       {std::string(), revoked.text, MakeToken('a'), std::string("x"),
        valid.substr(0, valid.size() - 1)}) {
    EXPECT_TRUE(absl::IsUnauthenticated(ListJobs(token)));
  }
  EXPECT_TRUE(ListJobs(valid).ok());
}

TEST_F(TokenAccessTest, AJobIsItsTokensUsers) {
  PutBeside();
  const std::string anna = Make(Role::kSubmit, "anna");
  EXPECT_EQ(SubmitAs(anna, "")->spec().user(), "anna");
  EXPECT_EQ(SubmitAs(anna, "anna")->spec().user(), "anna");
  const absl::Status denied = SubmitAs(anna, "bob").status();
  EXPECT_TRUE(IsDenial(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()), HasSubstr("spec.user"));
  EXPECT_EQ(SubmitAs(Make(Role::kAdmin, "root"), "bob")->spec().user(), "bob");
}

TEST_F(TokenAccessTest, AWorkersTokenIsForItsNames) {
  const std::string token = Make(Role::kWork, "", "gpu-*");
  EXPECT_TRUE(absl::IsDeadlineExceeded(SynchronizeAs(token, "gpu-1")));
  const absl::Status denied = SynchronizeAs(token, "cpu-1");
  EXPECT_TRUE(IsDenial(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()), HasSubstr("worker.name"));
  EXPECT_TRUE(IsDenial(SynchronizeAs(Make(Role::kSubmit, "anna"), "gpu-1")));
}

TEST_F(TokenAccessTest, AWorkersTokenIsForSoManySlots) {
  const std::string token =
      tokens_
          ->Create(AnonymousAdmin(),
                   {Role::kWork, "", "gpu-*", absl::InfiniteDuration(), 4})
          .value()
          .text;
  EXPECT_TRUE(absl::IsDeadlineExceeded(SynchronizeAs(token, "gpu-1", 4)));
  const absl::Status denied = SynchronizeAs(token, "gpu-2", 5);
  EXPECT_TRUE(IsDenial(denied)) << denied;
  EXPECT_EQ(denied.message(),
            "worker.slots: 5 offered by 'gpu-2'; this token allows at most 4");
  EXPECT_THAT(control_->ListWorkers(AnonymousAdmin()).value(), SizeIs(1));
}

TEST_F(TokenAccessTest, AnUploadCountsForItsTokensUser) {
  const std::string admin = Make(Role::kAdmin, "root");
  const std::string anna = Make(Role::kSubmit, "anna");
  const std::string worker = Make(Role::kWork);
  v1::SetQuotaRequest quota;
  quota.set_user("anna");
  quota.set_max_artifact_bytes(8);
  ASSERT_TRUE(SetQuotaAs(admin, quota).ok());
  EXPECT_TRUE(UploadAs(anna, "12345").ok());
  const absl::Status refused = UploadAs(anna, "6789");
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(refused.message(),
            "size_bytes: user anna: has 5 artifact bytes and asked for 4 more, "
            "the quota is 8; an admin can change it (atelier quota set --user "
            "anna --max-bytes N)");
  EXPECT_TRUE(absl::IsInvalidArgument(UploadAs(worker, "6789")))
      << "a worker's is for an attempt";
  EXPECT_TRUE(UploadAs(admin, "another").ok());
  const std::vector<v1::Quota> all = ListQuotasAs(admin);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].user(), "anna");
  EXPECT_EQ(all[0].artifact_bytes().used(), 5);
  EXPECT_EQ(all[0].artifact_bytes().most(), 8);
  EXPECT_TRUE(all[0].artifact_bytes().is_set());
  EXPECT_FALSE(all[0].queued_tasks().is_set());
  EXPECT_EQ(all[1].user(), "root");
  EXPECT_EQ(all[1].artifact_bytes().used(), 7);
}

TEST_F(TokenAccessTest, AQuotaOfTasksIsAnAdminsToSetAndItsUsersToSee) {
  PutBeside();
  const std::string admin = Make(Role::kAdmin, "root");
  const std::string anna = Make(Role::kSubmit, "anna");
  const int64_t tasks = SubmitAs(anna, "")->task_count();
  v1::SetQuotaRequest quota;
  quota.set_user("anna");
  quota.set_max_queued_tasks(2 * tasks);
  EXPECT_TRUE(IsDenial(SetQuotaAs(anna, quota).status()));
  EXPECT_EQ(SetQuotaAs(admin, quota)->queued_tasks().used(), tasks);
  EXPECT_TRUE(SubmitAs(anna, "").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(SubmitAs(anna, "").status()));
  const std::vector<v1::Quota> own = ListQuotasAs(anna);
  ASSERT_THAT(own, SizeIs(1));
  EXPECT_EQ(own[0].queued_tasks().used(), 2 * tasks);
  EXPECT_EQ(own[0].queued_tasks().most(), 2 * tasks);
  quota.set_max_queued_tasks(0);
  ASSERT_TRUE(SetQuotaAs(admin, quota).ok());
  EXPECT_TRUE(SubmitAs(anna, "").ok());
}

TEST_F(TokenAccessTest, WhatIsNoQuotaIsRefusedByItsField) {
  const std::string admin = Make(Role::kAdmin);
  v1::SetQuotaRequest request;
  const auto refusal = [&] {
    const absl::Status status = SetQuotaAs(admin, request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal(), HasSubstr("user: "));
  request.set_user("An na");
  EXPECT_THAT(refusal(), HasSubstr("user: "));
  request.set_user("anna");
  request.set_max_queued_tasks(-2);
  EXPECT_THAT(refusal(), HasSubstr("max_queued_tasks: -2 is not allowed"));
  request.clear_max_queued_tasks();
  request.set_max_running_tasks((int64_t{1} << 53) + 1);
  EXPECT_THAT(refusal(), HasSubstr("max_running_tasks: "));
  request.clear_max_running_tasks();
  request.set_max_artifact_bytes(-5);
  EXPECT_THAT(refusal(), HasSubstr("max_artifact_bytes: "));
  EXPECT_THAT(ListQuotasAs(admin), SizeIs(0));
}

TEST_F(TokenAccessTest, ARevokedTokenEndsItsWatch) {
  PutBeside();
  const NewToken made =
      tokens_->Create(AnonymousAdmin(), {Role::kRead}).value();
  const v1::Job job = SubmitAs(Make(Role::kSubmit, "anna"), "").value();
  grpc::ClientContext context;
  Carry(context, made.text);
  v1::WatchJobRequest request;
  request.set_job_id(job.job_id());
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  ASSERT_TRUE(stream->Read(&snapshot));
  const absl::Time revoked_at = absl::Now();
  ASSERT_TRUE(tokens_->Revoke(AnonymousAdmin(), made.record.accessor).ok());
  while (stream->Read(&snapshot)) {
  }
  const absl::Status end = FromGrpc(stream->Finish());
  EXPECT_TRUE(absl::IsUnauthenticated(end)) << end;
  EXPECT_LT(absl::Now() - revoked_at, absl::Seconds(10));
}

TEST_F(TokenAccessTest, AnAdminMakesListsAndRevokesTokens) {
  const std::string admin = Make(Role::kAdmin);
  grpc::ClientContext creating;
  Carry(creating, admin);
  v1::CreateTokenRequest request;
  request.set_role(v1::TOKEN_ROLE_SUBMIT);
  request.set_user("anna");
  request.mutable_expires_in()->set_seconds(60);
  v1::CreateTokenResponse made;
  ASSERT_TRUE(FromGrpc(access_->CreateToken(&creating, request, &made)).ok());
  EXPECT_TRUE(ListJobs(made.token()).ok());
  EXPECT_EQ(made.description().expires_at().seconds() -
                made.description().created_at().seconds(),
            60);
  grpc::ClientContext listing;
  Carry(listing, admin);
  v1::ListTokensResponse list;
  ASSERT_TRUE(FromGrpc(access_->ListTokens(&listing, {}, &list)).ok());
  EXPECT_THAT(list.tokens(), SizeIs(2));
  EXPECT_THAT(list.DebugString(), Not(HasSubstr(made.token())));
  EXPECT_THAT(list.DebugString(), Not(HasSubstr(TokenHash(made.token()))));
  grpc::ClientContext revoking;
  Carry(revoking, admin);
  v1::RevokeTokenRequest revoke;
  revoke.set_accessor(made.description().accessor());
  v1::Token revoked;
  ASSERT_TRUE(FromGrpc(access_->RevokeToken(&revoking, revoke, &revoked)).ok());
  EXPECT_TRUE(revoked.has_revoked_at());
  EXPECT_TRUE(absl::IsUnauthenticated(ListJobs(made.token())));
}

TEST_F(TokenAccessTest, WhatIsNoTokenToMakeIsRefusedByItsField) {
  const std::string admin = Make(Role::kAdmin);
  const auto refusal = [&](const v1::CreateTokenRequest& request) {
    grpc::ClientContext context;
    Carry(context, admin);
    v1::CreateTokenResponse made;
    const absl::Status status =
        FromGrpc(access_->CreateToken(&context, request, &made));
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  v1::CreateTokenRequest request;
  EXPECT_THAT(refusal(request), HasSubstr("role: "));
  request.set_role(v1::TOKEN_ROLE_SUBMIT);
  EXPECT_THAT(refusal(request), HasSubstr("user: "));
  request.set_user("An na");
  EXPECT_THAT(refusal(request), HasSubstr("user: "));
  request.set_user("anna");
  request.mutable_expires_in()->set_seconds(-1);
  EXPECT_THAT(refusal(request), HasSubstr("expires_in: "));
  request.clear_expires_in();
  request.set_worker_pattern("gpu-*");
  EXPECT_THAT(refusal(request), HasSubstr("worker_pattern: "));
  request.set_role(v1::TOKEN_ROLE_WORK);
  request.clear_user();
  request.set_worker_pattern("gpu *");
  EXPECT_THAT(refusal(request), HasSubstr("worker_pattern: "));
  request.clear_worker_pattern();
  request.set_max_slots(1025);
  EXPECT_THAT(refusal(request), HasSubstr("max_slots: "));
  EXPECT_THAT(tokens_->List(), SizeIs(1));
}

class TokenOverUnixTest : public TokenAccessTest {
  Endpoint Listen() override {
    Endpoint endpoint;
    endpoint.unix_path = absl::StrCat(folder_, "/socket");
    return endpoint;
  }
};

TEST_F(TokenOverUnixTest, WhoeverReachesTheSocketIsIn) {
  EXPECT_TRUE(ListJobs("").ok());
}

}  // namespace
}  // namespace atelier
