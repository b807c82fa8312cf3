#include "common/clock_watch.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr absl::Duration kLeastJump = absl::Seconds(1);
constexpr absl::Duration kShown = absl::Milliseconds(100);  // To be read.

}  // namespace

ClockWatch::ClockWatch(Clock& wall, Clock& steady)
    : wall_(wall), steady_(steady), ahead_(wall.Now() - steady.Now()) {}

std::string ClockWatch::Check() {
  const absl::Duration ahead = wall_.Now() - steady_.Now();
  const absl::Duration jump = ahead - std::exchange(ahead_, ahead);
  if (absl::AbsDuration(jump) < kLeastJump) return "";
  return absl::StrCat("the machine's clock was set ",
                      jump < absl::ZeroDuration() ? "back" : "forward", " by ",
                      absl::FormatDuration(absl::Trunc(
                          absl::AbsDuration(jump) + kShown / 2, kShown)),
                      "; leases and waits go on as they were");
}

}  // namespace atelier
