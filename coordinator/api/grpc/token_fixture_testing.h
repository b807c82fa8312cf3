// A whole coordinator that listens on loopback and asks for tokens, for tests.
#ifndef ATELIER_COORDINATOR_API_GRPC_TOKEN_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_TOKEN_FIXTURE_TESTING_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gtest/gtest.h"

namespace atelier {

class TokenFixture : public ServiceFixture {
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
    return tokens_->Create(AnonymousAdmin(), {role, user, worker_pattern})
        .value()
        .text;
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

  std::unique_ptr<TokenRegistry> tokens_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_TOKEN_FIXTURE_TESTING_H_
