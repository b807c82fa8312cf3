// The token in a value of the header or metadata `authorization`.
#ifndef ATELIER_COORDINATOR_ACCESS_BEARER_H_
#define ATELIER_COORDINATOR_ACCESS_BEARER_H_

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// "Bearer TOKEN", in any case (RFC 6750). Empty: it is none.
inline absl::string_view BearerOf(absl::string_view authorization) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) return "";
  return absl::StripAsciiWhitespace(authorization.substr(kScheme.size()));
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_BEARER_H_
