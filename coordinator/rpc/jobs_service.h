// The Jobs service (jobs.proto) over the Dispatcher.
#ifndef ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_
#define ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "coordinator/artifacts/artifact_store.h"
#include "coordinator/rpc/dispatcher.h"
#include "coordinator/rpc/job_watches.h"
#include "coordinator/rpc/validation.h"
#include "coordinator/rpc/work_pool.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace atelier {

/// Thread-safe. `may_write`: whether there is room for more jobs; null: there
/// is. Lifetime: the arguments must outlive it.
std::unique_ptr<grpc::Service> MakeJobsService(
    Dispatcher& dispatcher, ArtifactStore& artifacts, JobWatches& watches,
    WorkPool& pool, const JobLimits& limits,
    std::function<absl::Status()> may_write);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_JOBS_SERVICE_H_
