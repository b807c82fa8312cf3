#include "common/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace atelier {
namespace {

class RealClock : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
};

class SteadyClock : public Clock {
 public:
  absl::Time Now() override {
    return start_ + (Monotonic() - monotonic_start_);
  }

 private:
  static absl::Duration Monotonic() {
    return absl::FromChrono(
        std::chrono::steady_clock::now().time_since_epoch());
  }

  const absl::Time start_ = absl::Now();
  const absl::Duration monotonic_start_ = Monotonic();
};

}  // namespace

Clock& Clock::Real() {
  static RealClock* const clock = new RealClock;
  return *clock;
}

Clock& Clock::Steady() {
  static SteadyClock* const clock = new SteadyClock;
  return *clock;
}

}  // namespace atelier
