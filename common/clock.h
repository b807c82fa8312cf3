// The time, passed in: everything that waits or expires takes a Clock.
#ifndef ATELIER_COMMON_CLOCK_H_
#define ATELIER_COMMON_CLOCK_H_

#include "absl/time/time.h"

namespace atelier {

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() = 0;

  /// The machine's own, which people and files go by: it may be set at any
  /// moment. Lives as long as the process.
  static Clock& Real();
  /// The machine's time when it was first asked, and from there on at the pace
  /// of the monotonic clock: it never jumps, whatever is done to the machine's
  /// clock. What lasts is measured with this one. Lives as long as the process.
  static Clock& Steady();
};

/// A clock that moves only when told. Thread-compatible.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start) : now_(start) {}
  absl::Time Now() override { return now_; }
  void Advance(absl::Duration by) { now_ += by; }

 private:
  absl::Time now_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_CLOCK_H_
