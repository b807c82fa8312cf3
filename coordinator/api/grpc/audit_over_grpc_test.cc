// What of the calls is in the audit log, and how it is read.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class AuditOverGrpcTest : public ServiceFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    tokens_ = std::make_unique<TokenRegistry>(store_, Clock::Real());
    options.tokens = tokens_.get();
    options.authenticate = [](const grpc::CallbackServerContext&) {
      return AnonymousAdmin();
    };
  }

  absl::StatusOr<v1::ListAuditResponse> List(
      const v1::ListAuditRequest& request) {
    grpc::ClientContext context;
    v1::ListAuditResponse response;
    const absl::Status status =
        FromGrpc(access_->ListAudit(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  // Newest first: "cancel-job OK".
  std::vector<std::string> Entries(const v1::ListAuditRequest& request = {}) {
    std::vector<std::string> entries;
    const v1::ListAuditResponse page = List(request).value();
    for (const v1::AuditEntry& one : page.entries()) {
      entries.push_back(absl::StrCat(one.action(), " ", one.outcome()));
    }
    return entries;
  }
  std::string Refusal(const v1::ListAuditRequest& request) {
    const absl::Status status = List(request).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }
  std::string SubmitSmall() {
    PutInputs();
    return MustSubmit(SmallJob()).job_id();
  }
  grpc::Status Cancel(const std::string& id) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(id);
    v1::Job job;
    return jobs_->CancelJob(&context, request, &job);
  }
  grpc::Status CollectGarbage(bool dry_run) {
    grpc::ClientContext context;
    v1::CollectGarbageRequest request;
    request.set_dry_run(dry_run);
    v1::CollectGarbageResponse response;
    return files_->CollectGarbage(&context, request, &response);
  }

  std::unique_ptr<TokenRegistry> tokens_;
};

TEST_F(AuditOverGrpcTest, AJobsEntriesAreFoundByIt) {
  const std::string id = SubmitSmall();
  SubmitSmall();
  ASSERT_TRUE(Cancel(id).ok());
  v1::ListAuditRequest of_job;
  of_job.set_job_id(id);
  EXPECT_THAT(Entries(of_job), ElementsAre("cancel-job OK", "submit-job OK"));
  const v1::AuditEntry entry = List(of_job)->entries(0);
  EXPECT_EQ(entry.job_id(), id);
  EXPECT_EQ(entry.user(), "anonymous");
  EXPECT_GT(entry.at().seconds(), 1'600'000'000);
  v1::ListAuditRequest of_nobody;
  of_nobody.set_user("nobody");
  EXPECT_THAT(Entries(of_nobody), IsEmpty());
  v1::ListAuditRequest later;
  later.mutable_since()->set_seconds(253'402'300'799);
  EXPECT_THAT(Entries(later), IsEmpty());
}

TEST_F(AuditOverGrpcTest, PagesEndWithWhereTheNextBegins) {
  const std::string id = SubmitSmall();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Cancel(id).ok());
  v1::ListAuditRequest request;
  request.set_job_id(id);
  request.set_page_size(2);
  std::vector<int64_t> sequences;
  int pages = 0;
  do {
    const v1::ListAuditResponse page = List(request).value();
    for (const auto& one : page.entries()) sequences.push_back(one.sequence());
    request.set_page_token(page.next_page_token());
    ASSERT_LE(++pages, 5);
  } while (!request.page_token().empty());
  EXPECT_THAT(sequences, ElementsAre(8, 7, 6, 5, 4));
}

TEST_F(AuditOverGrpcTest, ACollectionIsWrittenBeforeItBegins) {
  ASSERT_TRUE(CollectGarbage(/*dry_run=*/true).ok());
  EXPECT_THAT(Entries(), IsEmpty()) << "a dry run changes nothing";
  ASSERT_TRUE(CollectGarbage(/*dry_run=*/false).ok());
  EXPECT_THAT(Entries(), ElementsAre("collect-garbage OK"));
}

TEST_F(AuditOverGrpcTest, TokensAreWrittenWithTheirAccessorAndNotThemselves) {
  grpc::ClientContext creating;
  v1::CreateTokenRequest create;
  create.set_role(v1::TOKEN_ROLE_SUBMIT);
  create.set_user("anna");
  v1::CreateTokenResponse made;
  ASSERT_TRUE(FromGrpc(access_->CreateToken(&creating, create, &made)).ok());
  for (const std::string& accessor :
       {made.description().accessor(), std::string("0123456789ab")}) {
    grpc::ClientContext revoking;
    v1::RevokeTokenRequest revoke;
    revoke.set_accessor(accessor);
    v1::Token revoked;
    access_->RevokeToken(&revoking, revoke, &revoked);
  }
  EXPECT_THAT(Entries(), ElementsAre("revoke-token NOT_FOUND",
                                     "revoke-token OK", "create-token OK"));
  const v1::ListAuditResponse all = List({}).value();
  EXPECT_EQ(all.entries(2).target(), made.description().accessor());
  EXPECT_EQ(all.entries(2).message(), "submit, for anna");
  EXPECT_THAT(all.DebugString(), Not(HasSubstr(made.token())));
}

TEST_F(AuditOverGrpcTest, WhatIsAskedWronglyIsNamed) {
  v1::ListAuditRequest request;
  request.set_page_size(1001);
  EXPECT_THAT(Refusal(request), StartsWith("page_size: "));
  request = {};
  request.set_page_token("x");
  EXPECT_THAT(Refusal(request), StartsWith("page_token: "));
  request = {};
  request.set_user("A b");
  EXPECT_THAT(Refusal(request), StartsWith("user: "));
  request = {};
  request.set_job_id(std::string(65, 'a'));
  EXPECT_THAT(Refusal(request), StartsWith("job_id: "));
  for (const auto& [seconds, nanos] : std::vector<std::pair<int64_t, int>>{
           {-1, 0}, {1, -1}, {1, 1 << 30}, {253'402'300'800, 0}}) {
    request = {};
    request.mutable_since()->set_seconds(seconds);
    request.mutable_since()->set_nanos(nanos);
    EXPECT_THAT(Refusal(request), StartsWith("since: "));
  }
}

}  // namespace
}  // namespace atelier
