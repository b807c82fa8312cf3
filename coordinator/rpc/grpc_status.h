// absl::Status on the wire.
#ifndef ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_
#define ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace atelier {

/// The same code and message: the two enumerations have the same numbers.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()));
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_
