// absl::Status on the wire: the two enumerations have the same numbers.
#ifndef ATELIER_COMMON_RPC_GRPC_STATUS_H_
#define ATELIER_COMMON_RPC_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace atelier {

/// The same code and message, as a server's: FromServer (denial.h). What it
/// says of when to come back is kept (retry_after.h).
absl::Status FromGrpc(const grpc::Status& status);

/// The same code and message. The message is one line of at most
/// kMaxErrorBytes, whatever it quotes: gRPC drops an answer whose trailers are
/// long, and the caller would hear nothing. When to come back goes with it as a
/// google.rpc.RetryInfo, which other clients of gRPC know too.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_GRPC_STATUS_H_
