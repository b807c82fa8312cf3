#include "coordinator/steady_clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace atelier {
namespace {

absl::Duration Monotonic() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

SteadyClock::SteadyClock()
    : start_(absl::Now()), monotonic_start_(Monotonic()) {}

absl::Time SteadyClock::Now() {
  return start_ + (Monotonic() - monotonic_start_);
}

}  // namespace atelier
