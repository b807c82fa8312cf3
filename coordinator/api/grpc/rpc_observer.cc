#include "coordinator/api/grpc/rpc_observer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/api/grpc/request_checks.h"
#include "grpcpp/support/server_interceptor.h"

namespace atelier {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

class ObservingInterceptor : public Interceptor {
 public:
  ObservingInterceptor(const ServerRpcInfo& call, Clock& clock,
                       const RpcObserver& observer)
      : method_(call.method()),
        clock_(clock),
        observer_(observer),
        arrived_at_(clock.Now()) {}

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      observer_({method_, FromGrpc(batch->GetSendStatus()),
                 clock_.Now() - arrived_at_});
    }
    batch->Proceed();
  }

 private:
  const std::string method_;
  Clock& clock_;
  const RpcObserver& observer_;
  const absl::Time arrived_at_;
};

class ObserverFactory
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  ObserverFactory(Clock& clock, RpcObserver observer)
      : clock_(clock), observer_(std::move(observer)) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* call) override {
    return new ObservingInterceptor(*call, clock_, observer_);
  }

 private:
  Clock& clock_;
  const RpcObserver observer_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeRpcObserver(Clock& clock, RpcObserver observer) {
  return std::make_unique<ObserverFactory>(clock, std::move(observer));
}

std::vector<std::string> AllRpcMethods() {
  std::vector<std::string> methods;
  for (const google::protobuf::MethodDescriptor* method : AllMethods()) {
    methods.push_back(
        absl::StrCat("/", method->service()->full_name(), "/", method->name()));
  }
  return methods;
}

}  // namespace atelier
