// Where a call comes from.
#ifndef ATELIER_COORDINATOR_API_GRPC_CLIENT_ADDRESS_H_
#define ATELIER_COORDINATOR_API_GRPC_CLIENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// gRPC's peer without the port, which differs between connections:
/// "ipv4:10.0.0.7".
inline std::string ClientAddress(absl::string_view peer) {
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_CLIENT_ADDRESS_H_
