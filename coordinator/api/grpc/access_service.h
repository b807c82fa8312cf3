// The Access service: an admin's way to tokens and to the audit log.
#ifndef ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_

#include <memory>

#include "coordinator/access/token_registry.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// `tokens` is null where none are asked for: an admin's call is then
/// FailedPrecondition.
/// Lifetime: both outlive the service.
std::unique_ptr<grpc::Service> MakeAccessService(TokenRegistry* tokens,
                                                 const CallSupport& support);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_
