// How a call ended that this side can stop.
#ifndef ATELIER_COMMON_RPC_CALL_END_H_
#define ATELIER_COMMON_RPC_CALL_END_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// As FromGrpc; but a call that nobody here has cancelled ended with a server
/// that stops, and is Unavailable: it may be repeated.
inline absl::Status EndOf(const grpc::Status& status, const StopSignal& stop) {
  absl::Status ended = FromGrpc(status);
  if (!absl::IsCancelled(ended) || stop.stopped()) return ended;
  return absl::UnavailableError(
      absl::StrCat("the server gave the call up: ", ended.message()));
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_CALL_END_H_
