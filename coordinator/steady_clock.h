// Time that never jumps, whatever is done to the machine's clock.
#ifndef ATELIER_COORDINATOR_STEADY_CLOCK_H_
#define ATELIER_COORDINATOR_STEADY_CLOCK_H_

#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

/// The machine's time when it was made, and from there on at the pace of the
/// monotonic clock, so that leases last as long as they should. After the
/// machine's clock was set, times that people see are off by as much until the
/// process is started again. Thread-safe.
class SteadyClock : public Clock {
 public:
  SteadyClock();
  absl::Time Now() override;

 private:
  const absl::Time start_;
  const absl::Duration monotonic_start_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STEADY_CLOCK_H_
