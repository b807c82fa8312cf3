#include "common/image/mask.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

Image Grey(int width_px, int height_px, const std::vector<float>& values) {
  Image image{width_px, height_px, {}};
  for (int c = 0; c < 3; ++c) {
    image.rgb.insert(image.rgb.end(), values.begin(), values.end());
  }
  return image;
}

TEST(MaskTest, GreyValuesAreWeightsRowByRow) {
  EXPECT_THAT(ToMask(Grey(2, 2, {0, 0.25f, 0.5f, 1}))->weights,
              ElementsAre(0, 0.25f, 0.5f, 1));
}

TEST(MaskTest, WhatLeavesTheRangeIsClamped) {
  EXPECT_THAT(ToMask(Grey(3, 1, {-0.5f, 0.5f, 1.5f}))->weights,
              ElementsAre(0, 0.5f, 1));
}

TEST(MaskTest, AGreyJpegIsGreyEnough) {
  const auto back =
      Decode(Encode(Grey(64, 1, std::vector<float>(64, 0.4f)), "jpeg").value());
  EXPECT_TRUE(CheckMask(*back).ok()) << CheckMask(*back);
}

TEST(MaskTest, SaysWhereAPictureHasAColour) {
  Image image = Grey(3, 2, {0, 0, 0, 0, 0.5f, 0});
  image.rgb[6 + 4] = 1;
  EXPECT_THAT(CheckMask(image).message(),
              HasSubstr("the colour (0.50, 1.00, 0.50) at x 1, y 1"));
}

TEST(MaskTest, RefusesWhatLetsNothingThrough) {
  EXPECT_THAT(CheckMask(Grey(2, 1, {0, 0})).message(),
              HasSubstr("black everywhere"));
  EXPECT_THAT(ToMask(Grey(2, 1, {0.5f, 0.25f})).status().message(),
              HasSubstr("0.75 of a pixel once it is 2 x 1 px"));
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(CheckMask(Grey(2, 1, {1, kNan})).ok());
  EXPECT_FALSE(CheckMask(Image{}).ok());
}

// A damaged file is refused, or is a mask within its bounds.
TEST(MaskTest, NoDamageGivesWeightsOutOfRange) {
  std::vector<float> ramp(24 * 17);
  for (size_t i = 0; i < ramp.size(); ++i) ramp[i] = i / 408.0f;
  DecodeLimits limits;
  limits.max_pixels = 10'000;
  std::mt19937 random(1);
  int masks = 0;
  for (const char* format : {"png", "jpeg", "webp"}) {
    const std::string whole = Encode(Grey(24, 17, ramp), format).value();
    for (int round = 0; round < 300; ++round) {
      std::string bytes = whole;
      for (uint32_t hits = 1 + random() % 4; hits > 0; --hits) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      const auto picture = Decode(bytes, limits);
      if (!picture.ok()) continue;
      const auto mask = ToMask(*picture);
      if (!mask.ok()) continue;
      ++masks;
      EXPECT_THAT(mask->weights, SizeIs(mask->width_px * mask->height_px));
      EXPECT_THAT(mask->weights, Each(AllOf(Ge(0), Le(1))));
    }
  }
  EXPECT_GT(masks, 0);
}

}  // namespace
}  // namespace atelier
