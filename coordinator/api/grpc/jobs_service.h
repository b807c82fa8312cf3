// The Jobs service (jobs.proto) over the ControlPlane.
#ifndef ATELIER_COORDINATOR_API_GRPC_JOBS_SERVICE_H_
#define ATELIER_COORDINATOR_API_GRPC_JOBS_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/api/views/job_validation.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/control_plane.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

struct CallSupport;

/// Thread-safe. `may_write`: whether there is room for more jobs; null: there
/// is. Lifetime: the arguments must outlive it.
std::unique_ptr<grpc::Service> MakeJobsService(
    ControlPlane& control, ArtifactCatalog& artifacts, ArtifactAccess& access,
    JobFeed& feed, const CallSupport& support, const JobLimits& limits,
    std::function<absl::Status()> may_write);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_JOBS_SERVICE_H_
