// The Artifacts service (artifacts.proto) over an ArtifactStore.
#ifndef ATELIER_COORDINATOR_RPC_ARTIFACTS_SERVICE_H_
#define ATELIER_COORDINATOR_RPC_ARTIFACTS_SERVICE_H_

#include "absl/status/statusor.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "coordinator/artifacts/artifact_store.h"
#include "coordinator/rpc/work_pool.h"
#include "coordinator/store/store.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// A store for each kind of artifact. Lifetime: they outlive this.
struct ArtifactStores {
  ArtifactStore& kept;
  ArtifactStore& checkpoints;

  /// Errors: InvalidArgument for an unknown kind.
  absl::StatusOr<ArtifactStore*> Of(v1::ArtifactKind kind) const;
};

/// Thread-safe. Lifetime: the arguments must outlive it.
class ArtifactsService : public v1::Artifacts::CallbackService {
 public:
  ArtifactsService(const ArtifactStores& stores, Store& jobs, WorkPool& pool,
                   CoordinatorMetrics& metrics)
      : stores_(stores), jobs_(jobs), pool_(pool), metrics_(metrics) {}

  grpc::ServerUnaryReactor* FindMissing(
      grpc::CallbackServerContext* context,
      const v1::FindMissingRequest* request,
      v1::FindMissingResponse* response) override;
  grpc::ServerReadReactor<v1::UploadRequest>* Upload(
      grpc::CallbackServerContext* context,
      v1::UploadResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadResponse>* Download(
      grpc::CallbackServerContext* context,
      const v1::DownloadRequest* request) override;
  grpc::ServerUnaryReactor* CollectGarbage(
      grpc::CallbackServerContext* context,
      const v1::CollectGarbageRequest* request,
      v1::CollectGarbageResponse* response) override;

 private:
  const ArtifactStores stores_;
  Store& jobs_;
  WorkPool& pool_;
  CoordinatorMetrics& metrics_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_ARTIFACTS_SERVICE_H_
