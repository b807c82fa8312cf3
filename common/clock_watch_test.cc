#include "common/clock_watch.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

class ClockWatchTest : public ::testing::Test {
 protected:
  // Both go on, and the machine's clock is set.
  void Pass(absl::Duration time, absl::Duration set = absl::ZeroDuration()) {
    steady_.Advance(time);
    wall_.Advance(time + set);
  }

  FakeClock wall_{absl::FromUnixSeconds(2'000'000)};
  FakeClock steady_{absl::FromUnixSeconds(1'000'000)};
  ClockWatch watch_{wall_, steady_};
};

TEST_F(ClockWatchTest, SaysHowFarTheClockWasSetOnce) {
  Pass(absl::Seconds(3), -absl::Minutes(10));
  EXPECT_EQ(watch_.Check(),
            "the machine's clock was set back by 10m; leases and waits go on "
            "as they were");
  Pass(absl::Seconds(3));
  EXPECT_EQ(watch_.Check(), "");
  Pass(absl::Seconds(3), absl::Milliseconds(1500));
  EXPECT_EQ(watch_.Check(),
            "the machine's clock was set forward by 1.5s; leases and waits go "
            "on as they were");
}

TEST_F(ClockWatchTest, KeepingAClockInStepIsNoJump) {
  for (int i = 0; i < 100; ++i) {
    Pass(absl::Seconds(3), absl::Milliseconds(999));
    EXPECT_EQ(watch_.Check(), "");
  }
}

TEST(ClockTest, TheSteadyClockBeginsAsTheMachines) {
  EXPECT_LT(absl::AbsDuration(Clock::Steady().Now() - Clock::Real().Now()),
            absl::Minutes(1));
  const absl::Time before = Clock::Steady().Now();
  EXPECT_GE(Clock::Steady().Now(), before);
}

}  // namespace
}  // namespace atelier
