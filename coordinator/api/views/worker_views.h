// Workers as callers see and steer them, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_
#define ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_

#include "absl/status/status.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/worker.h"

namespace atelier {

namespace v1 {
class DrainWorkerRequest;
class ListWorkersRequest;
class ListWorkersResponse;
class ReleaseWorkerRequest;
class Worker;
}  // namespace v1

v1::Worker ToProto(const WorkerView& worker);

/// What Workers.ListWorkers answers. Errors: PermissionDenied.
absl::Status ListWorkers(ControlPlane& control, const Caller& caller,
                         const v1::ListWorkersRequest& request,
                         v1::ListWorkersResponse& response);

/// The calls of workers.proto with these names: the worker as the change has
/// left it. Errors: InvalidArgument, PermissionDenied, NotFound, Unavailable.
absl::Status DrainWorker(ControlPlane& control, const Caller& caller,
                         const v1::DrainWorkerRequest& request,
                         v1::Worker& response);
absl::Status ReleaseWorker(ControlPlane& control, const Caller& caller,
                           const v1::ReleaseWorkerRequest& request,
                           v1::Worker& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_
