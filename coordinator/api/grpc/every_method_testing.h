// Every method of the coordinator's services, with a request of it that is good
// and gives every field.
#ifndef ATELIER_COORDINATOR_API_GRPC_EVERY_METHOD_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_EVERY_METHOD_TESTING_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/control/caller.h"
#include "google/protobuf/message.h"

namespace atelier {

/// Of what is kept of a request and shown again.
constexpr size_t kMaxKeptBytes = 32 << 10;

/// What became of a request.
struct SentRequest {
  grpc::Status status;
  bool taken = true;  ///< With an OK status: whether it counts as said.
};

struct ServiceMethod {
  std::shared_ptr<const google::protobuf::Message> valid;
  std::function<SentRequest(const google::protobuf::Message& request)> send;
};

/// A coordinator, and a request of each method that it takes.
class EveryMethodFixture : public ServiceFixture {
 protected:
  // Tokens can be made, and nobody needs one.
  void Adjust(ServerOptions& options) override {
    tokens_ = std::make_unique<TokenRegistry>(store_, Clock::Real());
    ASSERT_TRUE(tokens_->Load().ok());
    options.tokens = tokens_.get();
    options.authenticate = [](const grpc::CallbackServerContext&) {
      return AnonymousAdmin();
    };
  }
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
    for (const char* name : {"mask", "region", "init"}) Put(name);
    AddMethods();
  }

  template <typename Request>
  void Add(const std::string& method, const Request& valid,
           const std::function<SentRequest(const Request& request)>& send) {
    methods_[method] = {std::make_shared<Request>(valid),
                        [send](const google::protobuf::Message& request) {
                          return send(dynamic_cast<const Request&>(request));
                        }};
  }
  template <typename Request, typename Response, typename Stub>
  void AddUnary(const std::string& method, const Request& valid, Stub& stub,
                grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&,
                                           Response*)) {
    Add<Request>(method, valid, [&stub, call](const Request& request) {
      grpc::ClientContext context;
      SetDeadline(context);
      Response response;
      const grpc::Status status = (stub.*call)(&context, request, &response);
      EXPECT_LT(response.ByteSizeLong(), kMaxKeptBytes);
      return SentRequest{status};
    });
  }
  template <typename Request, typename Response>
  void AddJobCall(const std::string& method,
                  grpc::Status (v1::Jobs::Stub::*call)(grpc::ClientContext*,
                                                       const Request&,
                                                       Response*)) {
    Request request;
    request.set_job_id(MustSubmit(SmallJob()).job_id());
    AddUnary<Request, Response>(method, request, *jobs_, call);
  }
  void EndJob(const std::string& id) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(id);
    v1::Job job;
    EXPECT_TRUE(jobs_->CancelJob(&context, request, &job).ok());
  }
  static void SetDeadline(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::minutes(1));
  }

  void AddMethods();
  void AddArtifactMethods();
  void AddAccessMethods();
  void AddRatingMethods();
  SentRequest SendSubmit(const v1::SubmitJobRequest& request);
  SentRequest SendWatch(const v1::WatchJobRequest& request);
  std::vector<v1::AttemptToken> LeaseAll(const std::string& job_id);
  void EndAll(const std::string& job_id);
  SentRequest SendSync(const v1::SynchronizeRequest& request);
  SentRequest SendUpload(const v1::UploadRequest& request);
  SentRequest SendDownload(const v1::DownloadRequest& request);

  std::unique_ptr<TokenRegistry> tokens_;
  std::map<std::string, ServiceMethod> methods_;
  int renders_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_EVERY_METHOD_TESTING_H_
