#include "common/rpc/timings_conversion.h"

#include <iterator>
#include <limits>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(TimingsConversionTest, EveryFieldIsAPhaseAndIsCarried) {
  const auto* const type = v1::AttemptTimings::descriptor();
  ASSERT_EQ(type->field_count(), static_cast<int>(std::size(kTimedPhases)));
  AttemptTimings timings;
  int64_t nanoseconds = 1;
  for (int i = 0; i < type->field_count(); ++i) {
    EXPECT_EQ(type->field(i)->name(), kTimedPhases[i].name);
    timings.*kTimedPhases[i].time = absl::Nanoseconds(nanoseconds *= 73);
  }
  const AttemptTimings back = FromProto(ToProto(timings));
  for (const TimedPhase& phase : kTimedPhases) {
    EXPECT_EQ(back.*phase.time, timings.*phase.time) << phase.name;
  }
}

TEST(TimingsConversionTest, WhatIsNoDurationIsBounded) {
  v1::AttemptTimings proto;
  proto.mutable_inputs()->set_seconds(-1);
  proto.mutable_targets()->set_seconds(std::numeric_limits<int64_t>::max());
  proto.mutable_targets()->set_nanos(-5);
  const AttemptTimings timings = FromProto(proto, absl::Hours(1));
  EXPECT_EQ(timings.inputs, absl::ZeroDuration());
  EXPECT_EQ(timings.targets, absl::Hours(1));
  EXPECT_EQ(timings.iterations, absl::ZeroDuration());
}

}  // namespace
}  // namespace atelier
