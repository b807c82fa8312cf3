// One way to answer a call that may wait for a disk.
#ifndef ATELIER_COORDINATOR_API_GRPC_UNARY_H_
#define ATELIER_COORDINATOR_API_GRPC_UNARY_H_

#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/grpc_status.h"
#include "common/work_pool.h"
#include "coordinator/api/grpc/authenticator.h"
#include "coordinator/control/caller.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace atelier {

/// What every call of every service stands on. Lifetime: the pool outlives it.
struct CallSupport {
  WorkPool& pool;
  Authenticator authenticate;
};

/// Runs `work`, which gets the caller, fills the response and returns a status,
/// on the pool. gRPC keeps request and response until the call is finished.
template <typename Work>
grpc::ServerUnaryReactor* AnswerOn(const CallSupport& support,
                                   grpc::CallbackServerContext* context,
                                   Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = support.authenticate(*context);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status()));
    return reactor;
  }
  support.pool.Schedule(
      [reactor, caller = *std::move(caller), work = std::move(work)] {
        reactor->Finish(ToGrpc(work(caller)));
      });
  return reactor;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_UNARY_H_
