#include "common/render/size.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Pair;

TEST(FitSizeTest, KeepsTheAspectAndNeverEmptiesASide) {
  EXPECT_THAT(FitSize(400, 300, 200), Pair(200, 150));
  EXPECT_THAT(FitSize(300, 401, 200), Pair(150, 200));
  EXPECT_THAT(FitSize(3, 2, 200), Pair(200, 133));
  EXPECT_THAT(FitSize(10'000, 1, 100), Pair(100, 1));
  EXPECT_THAT(FitSize(400, 300, 0), Pair(400, 300));
}

TEST(FitStyleTest, ScalesWhatTheContentsSizeWouldMakeIt) {
  EXPECT_THAT(FitStyle(400, 300, 200, 1), Pair(200, 150));
  EXPECT_THAT(FitStyle(400, 300, 200, 0.5), Pair(100, 75));
  EXPECT_THAT(FitStyle(400, 300, 200, 2.5), Pair(500, 375));
  EXPECT_THAT(FitStyle(400, 300, 0, 1), Pair(400, 300));
  EXPECT_THAT(FitStyle(400, 300, 0, 0.25), Pair(100, 75));
  EXPECT_THAT(FitStyle(400, 300, 1, 0.01), Pair(1, 1));
}

}  // namespace
}  // namespace atelier
