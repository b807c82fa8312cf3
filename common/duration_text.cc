#include "common/duration_text.h"

#include "common/status_macros.h"

namespace atelier {

absl::StatusOr<absl::Duration> ParseBetween(absl::string_view flag,
                                            absl::string_view text,
                                            absl::Duration least,
                                            absl::Duration most) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= least &&
      duration <= most) {
    return duration;
  }
  return InvalidArgument(flag, ": ", text, " is not allowed; from ",
                         absl::FormatDuration(least), " to ",
                         absl::FormatDuration(most));
}

}  // namespace atelier
