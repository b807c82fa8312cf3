#include "common/render/scale_plan.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(PlanScalesTest, EachScaleHalvesTheNextAndTheLastIsExact) {
  const auto plan = PlanScales(341, 512, 3, 500, /*from_noise=*/true);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const Scale expected[] = {
      {85, 128, 4, 100}, {171, 256, 2, 200}, {341, 512, 1, 500}};
  ASSERT_THAT(*plan, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ((*plan)[i].height, expected[i].height);
    EXPECT_EQ((*plan)[i].width, expected[i].width);
    EXPECT_EQ((*plan)[i].factor, expected[i].factor);
    EXPECT_EQ((*plan)[i].end, expected[i].end);
  }
}

TEST(PlanScalesTest, LargeBudgetsDifferInTheLastScaleOnly) {
  for (const bool from_noise : {true, false}) {
    const int most = from_noise ? kMostCoarseFromNoise : kMostCoarseFromPicture;
    const auto shorter = PlanScales(512, 512, 2, 500, from_noise);
    const auto longer = PlanScales(512, 512, 2, 5000, from_noise);
    ASSERT_TRUE(shorter.ok() && longer.ok());
    EXPECT_EQ((*shorter)[0].end, most);
    EXPECT_EQ((*longer)[0].end, most);
    EXPECT_EQ((*longer)[1].end, 5000);
  }
}

TEST(PlanScalesTest, ScalesShareAShortBudgetEvenly) {
  for (const bool from_noise : {true, false}) {
    const auto plan = PlanScales(512, 512, 3, 60, from_noise);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_EQ((*plan)[0].end, 20);
    EXPECT_EQ((*plan)[1].end, 40);
    EXPECT_EQ((*plan)[2].end, 60);
  }
}

TEST(PlanScalesTest, RefusesWhatCannotBeWithWhatCan) {
  const struct {
    int scales;
    int iterations;
    const char* expected;
  } cases[] = {{0, 100, "scales: 0 is not allowed; at least 1"},
               {-1, 100, "scales: -1 is not allowed"},
               {4, 3, "no more than there are iterations, 3"},
               {6, 100, "scales: 6 is too many for 17x15 px"},
               {2000000000, 2000000000, "is too many for 17x15 px"}};
  for (const auto& tested : cases) {
    SCOPED_TRACE(tested.expected);
    const absl::Status status =
        PlanScales(15, 17, tested.scales, tested.iterations,
                   /*from_noise=*/true)
            .status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(tested.expected));
  }
}

TEST(PixelIterationsTest, EachScaleCountsByItsOwnSize) {
  const auto plan = PlanScales(40, 80, 2, 100, /*from_noise=*/false);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ((*plan)[0].end, 30);
  EXPECT_EQ(PixelIterations(*plan, 0), 0);
  EXPECT_EQ(PixelIterations(*plan, 10), 10 * 20 * 40);
  EXPECT_EQ(PixelIterations(*plan, 30), 30 * 20 * 40);
  EXPECT_EQ(PixelIterations(*plan, 31), 30 * 20 * 40 + 40 * 80);
  EXPECT_EQ(PixelIterations(*plan, 100), 30 * 20 * 40 + 70 * 40 * 80);
  EXPECT_EQ(PixelIterations(*plan, 1000), 30 * 20 * 40 + 70 * 40 * 80)
      << "no more than planned";
  EXPECT_EQ(PixelIterations({}, 100), 0);
}

}  // namespace
}  // namespace atelier
