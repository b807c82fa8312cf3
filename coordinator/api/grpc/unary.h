// One way to answer a call that may wait for a disk.
#ifndef ATELIER_COORDINATOR_API_GRPC_UNARY_H_
#define ATELIER_COORDINATOR_API_GRPC_UNARY_H_

#include <utility>

#include "common/rpc/grpc_status.h"
#include "coordinator/control/work_pool.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace atelier {

/// Runs `work`, which fills the response and returns a status, on the pool.
/// gRPC keeps request and response until the call is finished.
template <typename Work>
grpc::ServerUnaryReactor* AnswerOn(WorkPool& pool,
                                   grpc::CallbackServerContext* context,
                                   Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  pool.Schedule(
      [reactor, work = std::move(work)] { reactor->Finish(ToGrpc(work())); });
  return reactor;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_UNARY_H_
