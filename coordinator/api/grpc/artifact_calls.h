// One upload or download over gRPC.
#ifndef ATELIER_COORDINATOR_API_GRPC_ARTIFACT_CALLS_H_
#define ATELIER_COORDINATOR_API_GRPC_ARTIFACT_CALLS_H_

#include "atelier/v1/artifacts.pb.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/views/artifact_upload_session.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/artifact_access.h"
#include "grpcpp/support/server_callback.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

// Each owns itself until its call ends. Lifetime: all arguments but the
// Admission outlive the call.

grpc::ServerReadReactor<v1::UploadRequest>* NewUploadCall(
    const UploadRooms& rooms, const CallSupport& support, Admission admitted,
    v1::UploadResponse* response);

grpc::ServerWriteReactor<v1::DownloadResponse>* NewDownloadCall(
    ArtifactCatalog& artifacts, ArtifactAccess& access,
    const CallSupport& support, CoordinatorMetrics& metrics, Admission admitted,
    const v1::DownloadRequest& request);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ARTIFACT_CALLS_H_
