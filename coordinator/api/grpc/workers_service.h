// The Workers service (workers.proto) over the ControlPlane.
#ifndef ATELIER_COORDINATOR_API_GRPC_WORKERS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_WORKERS_SERVICE_H_

#include <memory>

#include "coordinator/api/grpc/artifacts_service.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/control_plane.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// A Synchronize that is parked, or whose pictures are looked for, holds no
/// thread. `wants_certificates`: it is denied to a caller without the
/// certificate of the worker that it names. Thread-safe.
/// Lifetime: the arguments must outlive it.
std::unique_ptr<grpc::Service> MakeWorkersService(ControlPlane& control,
                                                  ArtifactCatalog& artifacts,
                                                  const CallSupport& support,
                                                  CoordinatorMetrics& metrics,
                                                  bool wants_certificates);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_WORKERS_SERVICE_H_
