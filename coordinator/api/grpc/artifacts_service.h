// The Artifacts service (artifacts.proto) over an ArtifactStore.
#ifndef ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_

#include <memory>

#include "coordinator/blobs/artifact_store.h"
#include "coordinator/store/store.h"
#include "monitoring/coordinator_metrics.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// A store for each kind of artifact. Lifetime: they outlive this.
struct ArtifactStores {
  ArtifactStore& kept;
  ArtifactStore& checkpoints;
};

/// Thread-safe. Lifetime: the arguments must outlive it.
std::unique_ptr<grpc::Service> MakeArtifactsService(
    const ArtifactStores& stores, Store& jobs, const CallSupport& support,
    CoordinatorMetrics& metrics);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ARTIFACTS_SERVICE_H_
