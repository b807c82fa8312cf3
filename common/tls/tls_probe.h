// Why TLS with a server does not come about: gRPC says of all of it only that
// the server cannot be reached.
#ifndef ATELIER_COMMON_TLS_TLS_PROBE_H_
#define ATELIER_COMMON_TLS_TLS_PROBE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/endpoint.h"
#include "common/tls/client_files.h"

namespace atelier {

/// Connects to the server and looks. OK where nothing is wrong with TLS, and
/// where that cannot be told: nobody listens, or says anything in time.
/// Errors: Unauthenticated, in a line that names the server: one side speaks
///         TLS and the other does not; the certificate is not trusted, expired
///         or somebody else's; ours is refused.
absl::Status ProbeTls(const Endpoint& server, const TlsClientFiles& files,
                      absl::Duration timeout);

}  // namespace atelier

#endif  // ATELIER_COMMON_TLS_TLS_PROBE_H_
