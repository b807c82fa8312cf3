// The Ratings service.
#ifndef ATELIER_COORDINATOR_API_GRPC_RATINGS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_RATINGS_SERVICE_H_

#include <memory>

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

class ControlPlane;
struct CallSupport;

/// Lifetime: both outlive the service.
std::unique_ptr<grpc::Service> MakeRatingsService(ControlPlane& control,
                                                  const CallSupport& support);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_RATINGS_SERVICE_H_
