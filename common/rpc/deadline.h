// Deadlines of calls, on the monotonic clock.
//
//   context.set_deadline(After(absl::Seconds(5)));
#ifndef ATELIER_COMMON_RPC_DEADLINE_H_
#define ATELIER_COMMON_RPC_DEADLINE_H_

#include "absl/time/time.h"
#include "grpc/support/time.h"

namespace atelier {

/// So long from now, whatever is done to the machine's clock meanwhile. For
/// whatever of gRPC takes a time.
inline gpr_timespec After(absl::Duration timeout) {
  return gpr_time_add(
      gpr_now(GPR_CLOCK_MONOTONIC),
      gpr_time_from_millis(absl::ToInt64Milliseconds(timeout), GPR_TIMESPAN));
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_DEADLINE_H_
