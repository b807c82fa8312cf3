// Ways to answer a call that may wait for a disk.
#ifndef ATELIER_COORDINATOR_API_GRPC_UNARY_H_
#define ATELIER_COORDINATOR_API_GRPC_UNARY_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/control/caller.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace atelier {

/// Answers a call: once, with its response filled in.
using Answer = std::function<void(const absl::Status&)>;

/// Runs `work` on the pool with the caller and the Answer. It fills the
/// response and calls the Answer, possibly later and on another thread; or it
/// returns an error and does not call it. gRPC keeps request and response until
/// then.
template <typename Work>
grpc::ServerUnaryReactor* AnswerLater(const CallSupport& support,
                                      grpc::CallbackServerContext* context,
                                      Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Admission admitted = support.Admit(*context, CallKind::kShort);
  if (!admitted.caller.ok()) {
    support.Refuse(admitted, [reactor](const grpc::Status& status) {
      reactor->Finish(status);
    });
    return reactor;
  }
  support.pool.Schedule([&support, reactor,
                         caller = *std::move(admitted.caller),
                         work = std::move(work)] {
    const Answer answer = [&support, reactor,
                           caller](const absl::Status& status) {
      support.Note(caller, status);
      reactor->Finish(ToGrpc(status));
    };
    const absl::Status begun = work(caller, answer);
    if (!begun.ok()) answer(begun);
  });
  return reactor;
}

/// The same of work that ends by itself, and returns its status.
template <typename Work>
grpc::ServerUnaryReactor* AnswerOn(const CallSupport& support,
                                   grpc::CallbackServerContext* context,
                                   Work work) {
  return AnswerLater(
      support, context,
      [work = std::move(work)](const Caller& caller, const Answer& answer) {
        answer(work(caller));
        return absl::OkStatus();
      });
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_UNARY_H_
