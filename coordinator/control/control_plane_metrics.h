// The control plane's numbers, as the coordinator's /metrics shows them.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_METRICS_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_METRICS_H_

#include "coordinator/control/control_plane_views.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

/// Every outcome and every reason to wait has an entry, also one that has not
/// been seen yet.
ControlPlaneSample SampleOf(const ControlPlaneCounts& counts);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_METRICS_H_
