// Times and durations between Abseil and the wire.
#ifndef ATELIER_COORDINATOR_RPC_TIME_CONVERSION_H_
#define ATELIER_COORDINATOR_RPC_TIME_CONVERSION_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace atelier {

/// Nanoseconds, and finite values, are kept both ways.
inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int>(
      absl::IDivDuration(duration, absl::Nanoseconds(1), &duration)));
  return proto;
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToUnixSeconds(time));
  proto.set_nanos(static_cast<int>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(proto.seconds()))));
  return proto;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_RPC_TIME_CONVERSION_H_
