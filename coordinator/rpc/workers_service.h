// The Workers service (workers.proto) over the Dispatcher.
#ifndef ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_
#define ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_

#include <memory>

#include "coordinator/rpc/artifacts_service.h"
#include "coordinator/rpc/dispatcher.h"
#include "coordinator/rpc/work_pool.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// A parked Synchronize holds no thread. Thread-safe. Lifetime: the arguments
/// must outlive it.
std::unique_ptr<grpc::Service> MakeWorkersService(Dispatcher& dispatcher,
                                                  const ArtifactStores& stores,
                                                  WorkPool& pool,
                                                  CoordinatorMetrics& metrics);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_
