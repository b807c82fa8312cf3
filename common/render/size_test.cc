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

}  // namespace
}  // namespace atelier
