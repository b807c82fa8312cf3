// gRPC's server reflection, by which tools as grpcurl learn the services.
#ifndef ATELIER_COORDINATOR_API_GRPC_REFLECTION_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_REFLECTION_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// Tells of these services, by their full names, and of whatever is linked into
/// this program. Messages have no extensions. Lifetime: `support` outlives it.
std::unique_ptr<grpc::Service> MakeReflectionService(
    std::vector<std::string> services, const CallSupport& support);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_REFLECTION_SERVICE_H_
