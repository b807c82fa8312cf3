// A refusal that says when to come back.
//
//   return WithRetryAfter(absl::ResourceExhaustedError("..."), wait);
//   if (const auto wait = RetryAfterOf(status)) ...
#ifndef ATELIER_COMMON_RETRY_AFTER_H_
#define ATELIER_COMMON_RETRY_AFTER_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace atelier {

inline constexpr char kRetryAfterPayload[] = "atelier/retry-after-ms";

/// The status, with the time after which the same call may succeed: whole
/// milliseconds, rounded up, from 1 ms to a day. REQUIRES: not OK.
inline absl::Status WithRetryAfter(absl::Status status, absl::Duration wait) {
  const int64_t ms = absl::ToInt64Milliseconds(
      std::clamp(absl::Ceil(wait, absl::Milliseconds(1)), absl::Milliseconds(1),
                 absl::Hours(24)));
  status.SetPayload(kRetryAfterPayload, absl::Cord(absl::StrCat(ms)));
  return status;
}

/// Nothing where the status does not say.
inline std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryAfterPayload);
  int64_t ms = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &ms)) {
    return std::nullopt;
  }
  return absl::Milliseconds(ms);
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RETRY_AFTER_H_
