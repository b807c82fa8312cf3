// The token that a coordinator's first start leaves for its user.
#ifndef ATELIER_COORDINATOR_FIRST_TOKEN_H_
#define ATELIER_COORDINATOR_FIRST_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/access/token_registry.h"

namespace atelier {

/// Has the registry know the admin's token of this user: that of the file that
/// --local-token names, or of the usual one where `flag` is empty, made if need
/// be; no token where it is "none". Says in the log where it is.
/// Errors: as AdoptLocalToken.
absl::Status MakeLocalToken(const std::string& flag, TokenRegistry& tokens,
                            absl::Time now);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_FIRST_TOKEN_H_
