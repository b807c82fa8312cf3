// Durations as people write them: "90s", "1h30m", "30d".
#ifndef ATELIER_COMMON_DURATION_TEXT_H_
#define ATELIER_COMMON_DURATION_TEXT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace atelier {

/// As absl::ParseDuration, or a number of days: "30d". Returns whether it is
/// one.
bool ReadDuration(absl::string_view text, absl::Duration* duration);

/// The value of a flag, from `least` to `most`.
/// Errors: InvalidArgument (names the flag, what was given, what is allowed).
absl::StatusOr<absl::Duration> ParseBetween(absl::string_view flag,
                                            absl::string_view text,
                                            absl::Duration least,
                                            absl::Duration most);

}  // namespace atelier

#endif  // ATELIER_COMMON_DURATION_TEXT_H_
