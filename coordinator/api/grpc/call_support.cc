#include "coordinator/api/grpc/call_support.h"

#include <utility>

#include "common/rpc/grpc_status.h"
#include "coordinator/access/caller_address.h"
#include "grpcpp/server_context.h"

namespace atelier {

Admission CallSupport::Admit(const grpc::CallbackServerContext& context,
                             CallKind kind) const {
  return admission.Admit(authenticate(context), AddressOfPeer(context.peer()),
                         kind);
}

void CallSupport::Refuse(
    const Admission& refused,
    std::function<void(const grpc::Status&)> finish) const {
  admission.Refuse(
      refused, [finish = std::move(finish),
                status = ToGrpc(refused.caller.status())] { finish(status); });
}

void CallSupport::Note(const Caller& caller, const absl::Status& status) const {
  if (audit == nullptr || status.ok() || absl::IsUnauthenticated(status)) {
    return;  // Whose token ended meanwhile was not refused.
  }
  audit->CountRefusal(caller, status);
}

}  // namespace atelier
