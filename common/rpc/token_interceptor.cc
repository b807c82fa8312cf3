#include "common/rpc/token_interceptor.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/support/interceptor.h"

namespace atelier {
namespace {

using grpc::experimental::InterceptionHookPoints;

class TokenInterceptor : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(std::string token) : token_(std::move(token)) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* call) override {
    if (call->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      call->GetSendInitialMetadata()->emplace("authorization",
                                              absl::StrCat("Bearer ", token_));
    }
    call->Proceed();
  }

 private:
  const std::string token_;
};

}  // namespace

grpc::experimental::Interceptor*
TokenInterceptorFactory::CreateClientInterceptor(
    grpc::experimental::ClientRpcInfo* /*info*/) {
  std::string token = tokens_->TokenFor(server_);
  return token.empty() ? nullptr : new TokenInterceptor(std::move(token));
}

}  // namespace atelier
