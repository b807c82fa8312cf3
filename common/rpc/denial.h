// Tells a server that denies a call from a file that cannot be opened (both are
// PermissionDenied) or a certificate that is not trusted (both are
// Unauthenticated): people do different things about them.
#ifndef ATELIER_COMMON_RPC_DENIAL_H_
#define ATELIER_COMMON_RPC_DENIAL_H_

#include "absl/status/status.h"
#include "absl/strings/cord.h"

namespace atelier {

inline constexpr char kDenialPayload[] = "atelier/denied-by-server";

/// The status as a server's: PermissionDenied and Unauthenticated are denials
/// from now on.
inline absl::Status FromServer(absl::Status status) {
  if (absl::IsPermissionDenied(status) || absl::IsUnauthenticated(status)) {
    status.SetPayload(kDenialPayload, absl::Cord());
  }
  return status;
}

/// Whether a server denied the call to its caller; Unauthenticated where it
/// does not know who that is.
inline bool IsDenial(const absl::Status& status) {
  return status.GetPayload(kDenialPayload).has_value();
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_DENIAL_H_
