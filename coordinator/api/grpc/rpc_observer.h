// Hears of every finished call, whichever service it is of.
#ifndef ATELIER_COORDINATOR_API_GRPC_RPC_OBSERVER_H_
#define ATELIER_COORDINATOR_API_GRPC_RPC_OBSERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}  // namespace grpc::experimental

namespace atelier {

struct FinishedRpc {
  std::string method;  ///< "/atelier.v1.Jobs/GetJob"
  absl::Status status;
  absl::Duration elapsed;  ///< From arrival to status, parking included.
};

/// Called on gRPC's threads, any number at once: must be quick.
using RpcObserver = std::function<void(const FinishedRpc&)>;

/// Lifetime: the clock must outlive it.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeRpcObserver(Clock& clock, RpcObserver observer);

/// Every method of Atelier's services: "/atelier.v1.Jobs/GetJob".
std::vector<std::string> AllRpcMethods();

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_RPC_OBSERVER_H_
