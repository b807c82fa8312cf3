// Notices that the machine's clock was set, for a line in the log.
#ifndef ATELIER_COMMON_CLOCK_WATCH_H_
#define ATELIER_COMMON_CLOCK_WATCH_H_

#include <string>

#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

/// Thread-compatible. Lifetime: the clocks outlive it.
class ClockWatch {
 public:
  explicit ClockWatch(Clock& wall = Clock::Real(),
                      Clock& steady = Clock::Steady());

  /// A line about how far `wall` was set since the last call; empty when by
  /// less than a second, as clocks are kept in step.
  std::string Check();

 private:
  Clock& wall_;
  Clock& steady_;
  absl::Duration ahead_;  // Of wall_ over steady_, at the last call.
};

}  // namespace atelier

#endif  // ATELIER_COMMON_CLOCK_WATCH_H_
