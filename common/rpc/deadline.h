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
gpr_timespec After(absl::Duration timeout);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_DEADLINE_H_
