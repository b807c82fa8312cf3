// HOST:PORT, as the flags of all three programs take it.
#ifndef ATELIER_COMMON_ENDPOINT_H_
#define ATELIER_COMMON_ENDPOINT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

struct Endpoint {
  std::string host;  ///< Without the brackets of an IPv6 address.
  int port = 0;
};

/// "127.0.0.1:7070", IPv6 addresses in brackets: "[::1]:7070".
std::string ToString(const Endpoint& endpoint);

/// Where to connect to: a host name or address, and a port from 1 to 65535.
/// Errors: InvalidArgument (what was given, and what is allowed).
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);

/// Where to listen: as ParseEndpoint, and port 0 lets the system choose one.
absl::StatusOr<Endpoint> ParseListenEndpoint(absl::string_view text);

/// Whether only this machine can reach it: localhost, 127.0.0.0/8 or ::1.
bool IsLoopback(const Endpoint& endpoint);

}  // namespace atelier

#endif  // ATELIER_COMMON_ENDPOINT_H_
