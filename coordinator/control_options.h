// What the control plane is made with.
#ifndef ATELIER_COORDINATOR_CONTROL_OPTIONS_H_
#define ATELIER_COORDINATOR_CONTROL_OPTIONS_H_

#include "coordinator/control/control_plane.h"
#include "coordinator/coordinator_flags.h"
#include "coordinator/storage.h"

namespace atelier {

/// Lifetime: the storage outlives the control plane.
ControlPlane::Options ControlOptions(const CoordinatorFlags& flags,
                                     Storage& storage);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_OPTIONS_H_
