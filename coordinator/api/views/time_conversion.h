// Times and durations between Abseil and the wire.
#ifndef ATELIER_COORDINATOR_API_VIEWS_TIME_CONVERSION_H_
#define ATELIER_COORDINATOR_API_VIEWS_TIME_CONVERSION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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

/// Errors: InvalidArgument (begins with the path) for what duration.proto does
/// not allow: over 10,000 years, nanos of a second or more, or of another sign.
inline absl::StatusOr<absl::Duration> CheckedDuration(
    absl::string_view path, const google::protobuf::Duration& proto) {
  constexpr int64_t kMaxSeconds = 315'576'000'000;
  constexpr int kMaxNanos = 999'999'999;
  const bool in_range =
      proto.seconds() >= -kMaxSeconds && proto.seconds() <= kMaxSeconds &&
      proto.nanos() >= -kMaxNanos && proto.nanos() <= kMaxNanos;
  const bool one_sign = (proto.seconds() >= 0 && proto.nanos() >= 0) ||
                        (proto.seconds() <= 0 && proto.nanos() <= 0);
  if (!in_range || !one_sign) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", proto.seconds(), " seconds and ",
                     proto.nanos(), " nanos is no duration"));
  }
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

/// Saturates.
inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

/// Errors: InvalidArgument (begins with the path) for what is not from 1970 to
/// 9999, or has nanos of a second or more.
inline absl::StatusOr<absl::Time> CheckedTime(
    absl::string_view path, const google::protobuf::Timestamp& proto) {
  constexpr int64_t kMaxSeconds = 253'402'300'799;
  constexpr int kMaxNanos = 999'999'999;
  if (proto.seconds() < 0 || proto.seconds() > kMaxSeconds ||
      proto.nanos() < 0 || proto.nanos() > kMaxNanos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", proto.seconds(), " seconds and ",
                     proto.nanos(), " nanos is no time from 1970 to 9999"));
  }
  return absl::FromUnixSeconds(proto.seconds()) +
         absl::Nanoseconds(proto.nanos());
}

inline google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(absl::ToUnixSeconds(time));
  proto.set_nanos(static_cast<int>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(proto.seconds()))));
  return proto;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_TIME_CONVERSION_H_
