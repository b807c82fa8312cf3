// The Access service: an admin's way to tokens, quotas and the audit log.
#ifndef ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_

#include <memory>

#include "coordinator/access/token_registry.h"
#include "coordinator/control/quota_control.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// `tokens` is null where none are asked for: an admin's call about one is then
/// FailedPrecondition.
/// Lifetime: all outlive the service.
std::unique_ptr<grpc::Service> MakeAccessService(TokenRegistry* tokens,
                                                 QuotaControl& quotas,
                                                 const CallSupport& support);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ACCESS_SERVICE_H_
