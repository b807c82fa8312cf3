// Where gRPC and HTTP are served, as the flags of all three programs take it.
#ifndef ATELIER_COMMON_ENDPOINT_H_
#define ATELIER_COMMON_ENDPOINT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// A TCP port, or a Unix socket.
struct Endpoint {
  std::string host;  ///< Without the brackets of an IPv6 address.
  int port = 0;
  bool tls = false;            ///< Of where to connect to.
  std::string unix_path = {};  ///< Of a Unix socket: it has none of the above.
};

/// The longest path of a Unix socket: what sockaddr_un takes.
inline constexpr size_t kMaxUnixPathBytes = 107;

/// "127.0.0.1:7070", IPv6 addresses in brackets: "[::1]:7070". With grpc:// or
/// grpcs:// before it where ParseEndpoint would take it for the other.
/// "unix:/run/atelier.sock".
std::string ToString(const Endpoint& endpoint);

/// The same without a scheme.
std::string HostAndPort(const Endpoint& endpoint);

/// Where to connect to: HOST:PORT with a port from 1 to 65535, or unix:PATH.
/// "grpcs://HOST:PORT" is with TLS, "grpc://HOST:PORT" without. Neither: with
/// TLS, but on loopback without.
/// Errors: InvalidArgument (what was given, and what is allowed).
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view text);

/// Where to listen: HOST:PORT, where port 0 lets the system choose one, or
/// unix:PATH.
absl::StatusOr<Endpoint> ParseListenEndpoint(absl::string_view text);
/// The same without unix:PATH.
absl::StatusOr<Endpoint> ParseTcpListenEndpoint(absl::string_view text);

/// Whether only this machine can reach it: localhost, 127.0.0.0/8, ::1, or a
/// Unix socket.
bool IsLoopback(const Endpoint& endpoint);

}  // namespace atelier

#endif  // ATELIER_COMMON_ENDPOINT_H_
