// absl::Status on the wire.
#ifndef ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_
#define ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "common/quoted_text.h"
#include "grpcpp/support/status.h"

namespace atelier {

/// The same code and message: the two enumerations have the same numbers. The
/// message is one line of at most kMaxErrorBytes, whatever it quotes: gRPC
/// drops an answer whose trailers are long, and the caller would hear nothing.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      ClippedText(status.message(), kMaxErrorBytes));
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_GRPC_STATUS_H_
