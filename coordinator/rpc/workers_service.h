// The Workers service (workers.proto) over the Dispatcher.
#ifndef ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_
#define ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_

#include "absl/status/status.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "coordinator/artifacts/artifact_store.h"
#include "coordinator/core/worker.h"
#include "coordinator/rpc/artifacts_service.h"
#include "coordinator/rpc/dispatcher.h"
#include "coordinator/rpc/work_pool.h"
#include "coordinator/rpc/worker_conversion.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// A parked Synchronize holds no thread. Thread-safe. Lifetime: the arguments
/// must outlive it.
class WorkersService : public v1::Workers::CallbackService {
 public:
  WorkersService(Dispatcher& dispatcher, const ArtifactStores& stores,
                 WorkPool& pool, CoordinatorMetrics& metrics)
      : dispatcher_(dispatcher),
        stores_(stores),
        pool_(pool),
        metrics_(metrics) {}

  grpc::ServerUnaryReactor* Synchronize(
      grpc::CallbackServerContext* context,
      const v1::SynchronizeRequest* request,
      v1::SynchronizeResponse* response) override;
  grpc::ServerUnaryReactor* ListWorkers(
      grpc::CallbackServerContext* context,
      const v1::ListWorkersRequest* request,
      v1::ListWorkersResponse* response) override;
  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* context,
                                        const v1::DrainWorkerRequest* request,
                                        v1::Worker* response) override;
  grpc::ServerUnaryReactor* ReleaseWorker(
      grpc::CallbackServerContext* context,
      const v1::ReleaseWorkerRequest* request, v1::Worker* response) override;

 private:
  // A result commits only when its picture can be fetched: one without ends its
  // attempt as lost, so that the task is done again.
  void CheckResults(ParsedSync& parsed);
  // Takes the size of each checkpoint from the store, and drops those that it
  // lacks: none is worth an error.
  void MeasureCheckpoints(SyncRequest& request);

  Dispatcher& dispatcher_;
  const ArtifactStores stores_;
  WorkPool& pool_;
  CoordinatorMetrics& metrics_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_WORKERS_SERVICE_H_
