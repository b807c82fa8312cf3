// absl::Status on the wire: the two enumerations have the same numbers.
#ifndef ATELIER_COMMON_RPC_GRPC_STATUS_H_
#define ATELIER_COMMON_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "common/quoted_text.h"
#include "common/rpc/denial.h"
#include "grpcpp/support/status.h"

namespace atelier {

/// The same code and message, as a server's: FromServer (denial.h).
inline absl::Status FromGrpc(const grpc::Status& status) {
  return FromServer(
      absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                   status.error_message()));
}

/// The same code and message. The message is one line of at most
/// kMaxErrorBytes, whatever it quotes: gRPC drops an answer whose trailers are
/// long, and the caller would hear nothing.
inline grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      ClippedText(status.message(), kMaxErrorBytes));
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_GRPC_STATUS_H_
