// Between the wire's timings and ours.
#ifndef ATELIER_COMMON_RPC_TIMINGS_CONVERSION_H_
#define ATELIER_COMMON_RPC_TIMINGS_CONVERSION_H_

#include "atelier/v1/jobs.pb.h"
#include "common/attempt_timings.h"

namespace atelier {

v1::AttemptTimings ToProto(const AttemptTimings& timings);
/// What is negative, or no duration, is zero; what is more than `most` is that.
/// REQUIRES: `most` is not negative.
AttemptTimings FromProto(const v1::AttemptTimings& timings,
                         absl::Duration most = absl::InfiniteDuration());

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_TIMINGS_CONVERSION_H_
