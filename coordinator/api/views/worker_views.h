// Workers as callers see them, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_
#define ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_

#include "absl/status/status.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/worker.h"

namespace atelier {

namespace v1 {
class ListWorkersRequest;
class ListWorkersResponse;
class Worker;
}  // namespace v1

v1::Worker ToProto(const WorkerView& worker);

/// What Workers.ListWorkers answers. Errors: PermissionDenied.
absl::Status ListWorkers(ControlPlane& control, const Caller& caller,
                         const v1::ListWorkersRequest& request,
                         v1::ListWorkersResponse& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_WORKER_VIEWS_H_
