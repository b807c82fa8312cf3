// A link to the coordinator's page that logs a browser in, once.
#ifndef ATELIER_CLIENT_LIB_LOGIN_LINK_H_
#define ATELIER_CLIENT_LIB_LOGIN_LINK_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/endpoint.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// Where a coordinator serves HTTP, and who asks.
struct LoginLinkRequest {
  Endpoint http;      ///< With TLS: https.
  std::string ca;     ///< A file of trusted authorities; empty: the system's.
  std::string token;  ///< The link logs in as its user. Not empty.
};

/// "http://127.0.0.1:7071/".
std::string PageUrl(const Endpoint& http);

/// "http://127.0.0.1:7071/#login=CODE", good for ten minutes. Asks without a
/// proxy, and follows no redirect: the token goes nowhere else.
/// Errors: Unavailable (nobody answers), FailedPrecondition (this coordinator
///         asks for no token, or something else answers), Unauthenticated,
///         Cancelled (stopped). None holds the token or the code.
absl::StatusOr<std::string> MakeLoginLink(const LoginLinkRequest& request,
                                          StopSignal& stop);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_LOGIN_LINK_H_
