#include "worker/engine/noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

TEST(NoiseTest, IsTheSameOnEveryMachine) {
  EXPECT_EQ(UniformNoise(0, 0), 10946269 * 0x1p-24f);
  EXPECT_EQ(UniformNoise(0, 1), 11764387 * 0x1p-24f);
  EXPECT_EQ(UniformNoise(1, 0), 6177195 * 0x1p-24f);
  EXPECT_EQ(UniformNoise(~uint64_t{0}, uint64_t{1} << 40), 9126874 * 0x1p-24f);
}

TEST(NoiseTest, FillsTheUnitIntervalEvenly) {
  constexpr int kCount = 100000;
  int tenths[10] = {};
  for (float value : UniformNoiseValues(42, kCount)) {
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    ++tenths[static_cast<int>(value * 10)];
  }
  for (int count : tenths) EXPECT_NEAR(count, kCount / 10, 500);
}

TEST(NoiseTest, ALongerPictureBeginsAsAShorterOne) {
  const std::vector<float> shorter = UniformNoiseValues(3, 10);
  std::vector<float> longer = UniformNoiseValues(3, 20);
  longer.resize(10);
  EXPECT_EQ(longer, shorter);
  EXPECT_NE(UniformNoiseValues(4, 10), shorter);
}

}  // namespace
}  // namespace atelier::engine
