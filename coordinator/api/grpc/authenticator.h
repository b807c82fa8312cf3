// Who calls, by what gRPC knows of the call.
#ifndef ATELIER_COORDINATOR_API_GRPC_AUTHENTICATOR_H_
#define ATELIER_COORDINATOR_API_GRPC_AUTHENTICATOR_H_

#include <functional>

#include "absl/status/statusor.h"
#include "coordinator/control/caller.h"

namespace grpc {
class CallbackServerContext;
}  // namespace grpc

namespace atelier {

/// Called once for each call, on gRPC's threads: thread-safe, and never waits.
/// Errors: Unauthenticated.
using Authenticator =
    std::function<absl::StatusOr<Caller>(const grpc::CallbackServerContext&)>;

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_AUTHENTICATOR_H_
