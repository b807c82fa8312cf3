#include "common/duration_text.h"

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"

namespace atelier {

bool ReadDuration(absl::string_view text, absl::Duration* duration) {
  double days = 0;
  if (absl::ConsumeSuffix(&text, "d")) {
    if (!absl::SimpleAtod(text, &days)) return false;
    *duration = absl::Hours(24) * days;
    return true;
  }
  return absl::ParseDuration(text, duration);
}

absl::StatusOr<absl::Duration> ParseBetween(absl::string_view flag,
                                            absl::string_view text,
                                            absl::Duration least,
                                            absl::Duration most) {
  absl::Duration duration;
  if (ReadDuration(text, &duration) && duration >= least && duration <= most) {
    return duration;
  }
  return InvalidArgument(flag, ": ", text, " is not allowed; from ",
                         absl::FormatDuration(least), " to ",
                         absl::FormatDuration(most));
}

}  // namespace atelier
