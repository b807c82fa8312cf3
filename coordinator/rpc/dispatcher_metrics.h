// The dispatcher's numbers, as the coordinator's /metrics shows them.
#ifndef ATELIER_COORDINATOR_RPC_DISPATCHER_METRICS_H_
#define ATELIER_COORDINATOR_RPC_DISPATCHER_METRICS_H_

#include "coordinator/rpc/dispatcher_views.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// Every outcome and every reason to wait has an entry, also one that has not
/// been seen yet.
DispatcherSample SampleOf(const DispatcherCounts& counts);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_DISPATCHER_METRICS_H_
