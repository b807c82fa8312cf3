#include "common/render/auto_scales.h"

#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

NetworkDescription FiveBlocks() {
  NetworkDescription network;
  network.blocks = {{8}, {8}, {8}, {8}, {8}};
  return network;
}

class AutoScalesTest : public testing::Test {
 protected:
  AutoScalesTest() {
    render_.inputs.content = "content";
    render_.inputs.styles.resize(1);
    render_.inputs.styles[0].picture = "style";
    render_.params.style_layers = {{"conv5_1", 1}};
    sizes_ = {{"content", {3000, 2000}}, {"style", {2000, 2000}}};
  }

  int At(int size_px, Initialisation init) {
    render_.params.size_px = size_px;
    render_.params.init = init;
    return AutoScales(render_, FiveBlocks(), sizes_).value();
  }

  Render render_;
  PictureSizes sizes_;
};

TEST_F(AutoScalesTest, LeavesTheCoarsestLargeEnough) {
  EXPECT_EQ(At(kCoarsestFromNoisePx - 1, Initialisation::kNoise), 1);
  EXPECT_EQ(At(2 * kCoarsestFromNoisePx - 1, Initialisation::kNoise), 1);
  EXPECT_EQ(At(2 * kCoarsestFromNoisePx, Initialisation::kNoise), 2);
  EXPECT_EQ(At(4 * kCoarsestFromNoisePx, Initialisation::kNoise), 3);
  for (const auto init : {Initialisation::kContent, Initialisation::kImage}) {
    EXPECT_EQ(At(2 * kCoarsestFromPicturePx - 1, init), 1);
    EXPECT_EQ(At(2 * kCoarsestFromPicturePx, init), 2);
  }
}

TEST_F(AutoScalesTest, HasAsManyAtMostAsPayFromWhereItStarts) {
  EXPECT_EQ(At(3000, Initialisation::kNoise), kMostFromNoise);
  EXPECT_EQ(At(3000, Initialisation::kContent), kMostFromPicture);
}

TEST_F(AutoScalesTest, OfAPictureThatKeepsItsSizeThatIsWhatCounts) {
  EXPECT_EQ(At(0, Initialisation::kNoise), At(3000, Initialisation::kNoise));
}

TEST_F(AutoScalesTest, EveryPictureStillReachesTheLayers) {
  sizes_["content"] = {3000, 60};  // conv5_1 needs 16 px.
  EXPECT_EQ(At(3000, Initialisation::kNoise), 2);
  sizes_["content"] = {3000, 2000};
  sizes_["style"] = {3000, 30};
  EXPECT_EQ(At(3000, Initialisation::kNoise), 1);
  render_.params.style_layers = {{"conv2_1", 1}};  // 2 px.
  EXPECT_EQ(At(3000, Initialisation::kNoise), 3);
}

TEST_F(AutoScalesTest, NeverMoreThanIterations) {
  render_.params.iterations = 2;
  EXPECT_EQ(At(3000, Initialisation::kNoise), 2);
}

TEST_F(AutoScalesTest, APictureOfUnknownSizeHasOne) {
  sizes_.erase("style");
  EXPECT_EQ(At(3000, Initialisation::kNoise), 1);
  sizes_.clear();
  EXPECT_EQ(At(3000, Initialisation::kNoise), 1);
}

TEST_F(AutoScalesTest, ALayerTheNetworkLacksIsAnError) {
  render_.params.style_layers = {{"conv9_1", 1}};
  EXPECT_FALSE(AutoScales(render_, FiveBlocks(), sizes_).ok());
}

}  // namespace
}  // namespace atelier
