// Looks at how the coordinator is, once a second, for whoever asks.
#ifndef ATELIER_COORDINATOR_SYSTEM_UPKEEP_H_
#define ATELIER_COORDINATOR_SYSTEM_UPKEEP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/clock_watch.h"
#include "common/tls/server_certificate.h"
#include "coordinator/api/http/system_route.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/system_watch.h"
#include "coordinator/coordinator_flags.h"
#include "coordinator/storage.h"
#include "coordinator/upkeep.h"

namespace atelier {

/// Calls that were not let in, since the start.
struct RefusedCalls {
  std::atomic<int64_t> unauthenticated{0};
  std::atomic<int64_t> at_bounds{0};
};

/// Thread-safe.
class SystemUpkeep {
 public:
  /// Lifetime: all but the flags outlive it.
  SystemUpkeep(const CoordinatorFlags& flags, ControlPlane& control,
               Storage& storage, Clock& clock, const RefusedCalls& refused);

  SystemStatus Status() const;

 private:
  void Look();

  ControlPlane& control_;
  Storage& storage_;
  Clock& clock_;
  const RefusedCalls& refused_;
  const std::shared_ptr<ServerCertificateFiles> certificate_;
  const absl::Time started_at_;
  const std::vector<NamedNumber> bounds_;
  ClockWatch clock_watch_;  // Of the upkeep's thread.
  SystemWatch watch_;
  Upkeep upkeep_;  // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SYSTEM_UPKEEP_H_
