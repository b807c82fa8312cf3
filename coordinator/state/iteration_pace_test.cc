#include "coordinator/state/iteration_pace.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);
constexpr absl::Duration kAtLeast = absl::Minutes(10);

TEST(IterationPaceTest, BeforeTheFirstIterationTheGrantCounts) {
  const IterationPace pace(kStart);
  EXPECT_FALSE(
      pace.HasStalled(kAtLeast, kStart + kAtLeast - absl::Nanoseconds(1)));
  EXPECT_TRUE(pace.HasStalled(kAtLeast, kStart + kAtLeast));
}

TEST(IterationPaceTest, EachMoveBeginsAnew) {
  IterationPace pace(kStart);
  pace.Hear(1, kStart + absl::Minutes(9));
  EXPECT_FALSE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(18)));
  pace.Hear(1, kStart + absl::Minutes(18));
  EXPECT_TRUE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(19)))
      << "to call is not to move";
}

TEST(IterationPaceTest, SlowIterationsAreGivenMoreTime) {
  IterationPace pace(kStart);
  for (int i = 1; i <= 5; ++i) pace.Hear(i, kStart + i * absl::Minutes(1));
  EXPECT_EQ(pace.Usual(), absl::Minutes(1));
  EXPECT_EQ(pace.Patience(kAtLeast), kStallFactor * absl::Minutes(1));
  EXPECT_FALSE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(54)));
  EXPECT_TRUE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(55)));
}

TEST(IterationPaceTest, WhatWasDoneBeforeAnAttemptResumedIsNotItsPace) {
  IterationPace pace(kStart);
  pace.Hear(1000, kStart + absl::Minutes(2));
  EXPECT_EQ(pace.Usual(), absl::ZeroDuration());
  pace.Hear(1002, kStart + absl::Minutes(4));
  EXPECT_EQ(pace.Usual(), absl::Minutes(1));
}

TEST(IterationPaceTest, BeginningAnewIsAMove) {
  IterationPace pace(kStart);
  pace.Hear(1000, kStart + absl::Minutes(1));
  pace.Hear(3, kStart + absl::Minutes(9));
  EXPECT_FALSE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(18)));
  EXPECT_EQ(pace.Usual(), absl::ZeroDuration());
}

TEST(IterationPaceTest, OneThatHasNotBegunMayWaitForAnother) {
  IterationPace pace(kStart);
  pace.HearOfAnother(kStart + absl::Minutes(9));
  EXPECT_FALSE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(18)));
  EXPECT_TRUE(pace.Hear(1, kStart + absl::Minutes(18)));
  pace.HearOfAnother(kStart + absl::Minutes(27));
  EXPECT_TRUE(pace.HasStalled(kAtLeast, kStart + absl::Minutes(28)))
      << "it has begun, and hangs alone";
}

TEST(IterationPaceTest, NeverIsNever) {
  const IterationPace pace(kStart);
  EXPECT_FALSE(
      pace.HasStalled(absl::InfiniteDuration(), kStart + absl::Hours(9999)));
}

}  // namespace
}  // namespace atelier
