// Tokens against a whole server on loopback.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.grpc.pb.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/denial.h"
#include "common/rpc/grpc_status.h"
#include "common/token/token_text.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class TokenAccessTest : public ServiceFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    tokens_ = std::make_unique<TokenRegistry>(store_, Clock::Real());
    ASSERT_TRUE(tokens_->Load().ok());
    options.tokens = tokens_.get();
    options.listen = Listen();
  }
  virtual Endpoint Listen() { return {"127.0.0.1", 0}; }

  void SetUp() override {
    ServiceFixture::SetUp();
    channel_ = MakeChannel(*server_->listening());
    jobs_ = v1::Jobs::NewStub(channel_);
    files_ = v1::Artifacts::NewStub(channel_);
    workers_ = v1::Workers::NewStub(channel_);
    access_ = v1::Access::NewStub(channel_);
  }

  std::string Make(Role role, const std::string& user = "",
                   const std::string& worker_pattern = "") {
    return tokens_->Create({role, user, worker_pattern}).value().text;
  }
  static void Carry(grpc::ClientContext& context, const std::string& token) {
    if (token.empty()) return;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
  absl::Status ListJobs(const std::string& token) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::ListJobsResponse response;
    return FromGrpc(jobs_->ListJobs(&context, {}, &response));
  }
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
                             const std::string& worker) {
    grpc::ClientContext context;
    Carry(context, token);
    // One who is let in waits for work.
    context.set_deadline(After(absl::Milliseconds(200)));
    const v1::SynchronizeRequest request = Worker(worker);
    v1::SynchronizeResponse response;
    return FromGrpc(workers_->Synchronize(&context, request, &response));
  }
  // Inputs of SmallJob, without a call.
  void PutBeside() {
    for (const char* name : {"content", "style", "weights"}) {
      ASSERT_TRUE(WaitingCatalog(*artifacts_).Put(name).ok());
    }
  }

  std::unique_ptr<TokenRegistry> tokens_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(TokenAccessTest, WithoutAValidTokenNobodyIsIn) {
  const NewToken revoked = tokens_->Create({Role::kAdmin}).value();
  ASSERT_TRUE(tokens_->Revoke(revoked.record.accessor).ok());
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

TEST_F(TokenAccessTest, ARevokedTokenEndsItsWatch) {
  PutBeside();
  const NewToken made = tokens_->Create({Role::kRead}).value();
  const v1::Job job = SubmitAs(Make(Role::kSubmit, "anna"), "").value();
  grpc::ClientContext context;
  Carry(context, made.text);
  v1::WatchJobRequest request;
  request.set_job_id(job.job_id());
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  ASSERT_TRUE(stream->Read(&snapshot));
  const absl::Time revoked_at = absl::Now();
  ASSERT_TRUE(tokens_->Revoke(made.record.accessor).ok());
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
