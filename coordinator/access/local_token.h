// The token of this machine's user: made at the coordinator's first start, and
// found by the user's own clients and workers.
#ifndef ATELIER_COORDINATOR_ACCESS_LOCAL_TOKEN_H_
#define ATELIER_COORDINATOR_ACCESS_LOCAL_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/access/token_registry.h"

namespace atelier {

/// Makes the token in the file, one line, an admin's here; where there is no
/// file, it is written, mode 0600, with a new token. Any number of coordinators
/// may share one file. Returns what is known of the token: it may have been
/// revoked.
/// Errors: InvalidArgument (others can read the file, or it holds no token),
///         else as the system says; all name the file. The store's.
absl::StatusOr<TokenRecord> AdoptLocalToken(TokenRegistry& tokens,
                                            const std::string& path,
                                            const std::string& user);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_LOCAL_TOKEN_H_
