#include "common/sweep/sweep.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SweepShape Random(std::vector<int64_t> lengths, int64_t count, uint64_t seed) {
  return {SweepMode::kRandom, std::move(lengths), count, seed};
}

TEST(SweepTest, TheLastAxisOfAGridChangesFastest) {
  const SweepShape grid{SweepMode::kGrid, {2, 3}};
  EXPECT_EQ(SweepSize(grid).value(), 6);
  EXPECT_THAT(ValuesAt(grid, 0), ElementsAre(0, 0));
  EXPECT_THAT(ValuesAt(grid, 2), ElementsAre(0, 2));
  EXPECT_THAT(ValuesAt(grid, 3), ElementsAre(1, 0));
  EXPECT_THAT(ValuesAt(grid, 5), ElementsAre(1, 2));
}

TEST(SweepTest, WithoutAxesThereIsOnePoint) {
  for (SweepMode mode : {SweepMode::kGrid, SweepMode::kZip}) {
    EXPECT_EQ(SweepSize({mode, {}}).value(), 1);
    EXPECT_THAT(ValuesAt({mode, {}}, 0), IsEmpty());
  }
}

TEST(SweepTest, ZipTakesValuesTogether) {
  const SweepShape zip{SweepMode::kZip, {3, 3}};
  EXPECT_EQ(SweepSize(zip).value(), 3);
  EXPECT_THAT(ValuesAt(zip, 2), ElementsAre(2, 2));
}

TEST(SweepTest, ARandomSampleOfAllIsAPermutation) {
  for (int64_t size : {1, 2, 3, 4, 5, 16, 17, 100, 1023, 1025}) {
    std::set<int64_t> seen;
    for (int64_t i = 0; i < size; ++i) {
      const int64_t value = ValuesAt(Random({size}, size, 7), i).at(0);
      EXPECT_GE(value, 0);
      EXPECT_LT(value, size);
      EXPECT_TRUE(seen.insert(value).second) << value << " of " << size;
    }
  }
}

TEST(SweepTest, ARandomSampleFollowsItsSeedAlone) {
  const auto sample = [](uint64_t seed, int64_t count) {
    std::vector<int64_t> values;
    for (int64_t i = 0; i < 20; ++i) {
      values.push_back(ValuesAt(Random({1000, 1000}, count, seed), i).at(1));
    }
    return values;
  };
  EXPECT_EQ(sample(1, 20), sample(1, 500)) << "a larger sample goes on";
  EXPECT_NE(sample(1, 20), sample(2, 20));
}

TEST(SweepTest, ARandomSampleSpreadsOverItsGrid) {
  int64_t lower_half = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    lower_half += ValuesAt(Random({1'000'000}, 1000, 3), i).at(0) < 500'000;
  }
  EXPECT_NEAR(lower_half, 500, 80);
}

TEST(SweepTest, HugeGridsAreReachedInOneStep) {
  const int64_t axis = 1'000'000'000;
  const SweepShape grid{SweepMode::kGrid, {axis, axis}};
  EXPECT_EQ(SweepSize(grid).value(), axis * axis);
  EXPECT_THAT(ValuesAt(grid, axis * axis - 1), ElementsAre(axis - 1, axis - 1));
  const SweepShape random = Random({axis, axis}, axis, 5);
  EXPECT_EQ(SweepSize(random).value(), axis);
  EXPECT_NE(ValuesAt(random, 0), ValuesAt(random, 1));
}

TEST(SweepTest, WhatMakesNoSweepIsNamed) {
  struct Case {
    SweepShape shape;
    const char* message;
  };
  const int64_t billion = 1'000'000'000;
  const Case cases[] = {
      {{SweepMode::kGrid, {2, 0}}, "axes[1]: no values"},
      {{SweepMode::kGrid, {billion, billion, billion}}, "axes: more than 2^62"},
      {{SweepMode::kZip, {2, 3}}, "axes[1]: 3 values, but axes[0] has 2"},
      {{SweepMode::kGrid, {2}, 1}, "sample_count: 1 was given"},
      {Random({2, 3}, 0, 0), "sample_count: 0 is not allowed; from 1 to"},
      {Random({2, 3}, 7, 0),
       "sample_count: 7 is not allowed; from 1 to the "
       "grid's 6"},
  };
  for (const Case& c : cases) {
    const absl::Status status = SweepSize(c.shape).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.message;
    EXPECT_THAT(status.message(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace atelier
