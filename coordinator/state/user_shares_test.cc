#include "coordinator/state/user_shares.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

TEST(UserSharesTest, UseFadesByHalfInAHalfLife) {
  UserShares shares({absl::Hours(1), {}});
  shares.AccountUsage("early", absl::Seconds(100), kStart);
  shares.AccountUsage("late", absl::Seconds(50), kStart + absl::Hours(1));
  EXPECT_DOUBLE_EQ(shares.Used("early"), shares.Used("late"));
  EXPECT_EQ(shares.Used("nobody"), 0);
}

TEST(UserSharesTest, TwiceTheWeightIsHalfTheUse) {
  UserShares shares({absl::Hours(1), {{"heavy", 2}}});
  shares.AccountUsage("heavy", absl::Seconds(20), kStart);
  shares.AccountUsage("other", absl::Seconds(10), kStart);
  EXPECT_DOUBLE_EQ(shares.Used("heavy"), shares.Used("other"));
}

TEST(UserSharesTest, ARefundNeverMakesADebt) {
  UserShares shares({absl::Hours(1), {}});
  shares.AccountUsage("u", absl::Seconds(5), kStart);
  shares.AccountUsage("u", -absl::Seconds(9), kStart + absl::Hours(1));
  EXPECT_EQ(shares.Used("u"), 0);
}

TEST(UserSharesTest, TheOrderOutlivesAYear) {
  UserShares shares({absl::Hours(1), {}});
  const absl::Time late = kStart + absl::Hours(24 * 365);
  shares.AccountUsage("old", absl::Hours(1000), kStart);
  shares.AccountUsage("less", absl::Seconds(1), late);
  shares.AccountUsage("more", absl::Seconds(2), late);
  EXPECT_EQ(shares.Used("old"), 0);
  EXPECT_LT(shares.Used("less"), shares.Used("more"));
}

TEST(UserSharesTest, AClockThatGoesBackChargesAllTheSame) {
  UserShares shares({absl::Hours(1), {}});
  shares.AccountUsage("u", absl::Seconds(1), kStart);
  shares.AccountUsage("v", absl::Seconds(1), kStart - absl::Hours(100));
  EXPECT_GT(shares.Used("v"), 0);
}

}  // namespace
}  // namespace atelier
