// The Artifacts service (artifacts.proto) over an ArtifactCatalog.
#ifndef ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_

#include <memory>

#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/garbage.h"
#include "coordinator/control/quota_control.h"
#include "monitoring/coordinator_metrics.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// Thread-safe. Lifetime: the arguments must outlive it.
std::unique_ptr<grpc::Service> MakeArtifactsService(
    ArtifactCatalog& artifacts, ArtifactAccess& access, QuotaControl& quotas,
    GarbageCollector& garbage, const CallSupport& support,
    CoordinatorMetrics& metrics);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_
