// Workers and their attempts between the wire and the core.
#ifndef ATELIER_COORDINATOR_RPC_WORKER_CONVERSION_H_
#define ATELIER_COORDINATOR_RPC_WORKER_CONVERSION_H_

#include "absl/status/statusor.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/core/worker.h"

namespace atelier {

/// Checks everything that comes from a worker.
/// Errors: InvalidArgument (begins with the field's path:
///         "finished[0].token.number").
absl::StatusOr<SyncRequest> FromProto(const v1::SynchronizeRequest& request);

v1::SynchronizeResponse ToProto(const SyncResponse& response);
v1::Worker ToProto(const WorkerView& worker);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_WORKER_CONVERSION_H_
