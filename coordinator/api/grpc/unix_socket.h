// Unix sockets that servers listen on.
#ifndef ATELIER_COORDINATOR_API_GRPC_UNIX_SOCKET_H_
#define ATELIER_COORDINATOR_API_GRPC_UNIX_SOCKET_H_

#include <string>

#include "absl/status/status.h"

namespace atelier {

/// Whether a server may listen at `path`: gRPC would take it from a server that
/// lives. What one that was killed left there is in nobody's way.
/// Errors: Unavailable (a server answers there, or it is no socket).
absl::Status CheckUnixSocketIsFree(const std::string& path);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_UNIX_SOCKET_H_
