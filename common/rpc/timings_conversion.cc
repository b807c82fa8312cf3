#include "common/rpc/timings_conversion.h"

#include <algorithm>
#include <string>

#include "google/protobuf/reflection.h"

namespace atelier {
namespace {

const google::protobuf::FieldDescriptor* FieldOf(const TimedPhase& phase) {
  return v1::AttemptTimings::descriptor()->FindFieldByName(
      std::string(phase.name));
}

}  // namespace

v1::AttemptTimings ToProto(const AttemptTimings& timings) {
  v1::AttemptTimings proto;
  for (const TimedPhase& phase : kTimedPhases) {
    absl::Duration rest = timings.*phase.time;
    auto& duration = static_cast<google::protobuf::Duration&>(
        *proto.GetReflection()->MutableMessage(&proto, FieldOf(phase)));
    duration.set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
    duration.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(rest)));
  }
  return proto;
}

AttemptTimings FromProto(const v1::AttemptTimings& proto, absl::Duration most) {
  AttemptTimings timings;
  for (const TimedPhase& phase : kTimedPhases) {
    const auto& duration = static_cast<const google::protobuf::Duration&>(
        proto.GetReflection()->GetMessage(proto, FieldOf(phase)));
    timings.*phase.time = std::clamp(
        absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos()),
        absl::ZeroDuration(), most);
  }
  return timings;
}

}  // namespace atelier
