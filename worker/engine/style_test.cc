#include "worker/engine/style.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;

class StyleRegionsTest : public ::testing::Test {
 protected:
  StyleRegions Make(const std::vector<at::Tensor>& masks) const {
    return StyleRegions::Make(*vgg_, masks, {8, 6}).value();
  }

  const TestNetwork network_{{{4}, {4}}};
  const std::unique_ptr<Network> vgg_ = network_.Make(
      {{}, Padding::kZeros, Pooling::kAverage, {"relu1_1", "relu2_1"}});
};

at::Tensor LeftHalf() {
  at::Tensor mask = at::zeros({8, 6});
  mask.narrow(1, 0, 3).fill_(1);
  return mask;
}

TEST_F(StyleRegionsTest, WithoutMasksEveryPixelCountsAsTheNetworkHasIt) {
  const StyleRegions regions = Make({{}, {}});
  EXPECT_TRUE(regions.weights().grams.empty());
  EXPECT_EQ(regions.count(), 1);
  EXPECT_EQ(regions.Of(1), 0);
  EXPECT_EQ(regions.PixelsAt(0, 0), 48);
  EXPECT_EQ(regions.PixelsAt(1, 0), 12);
}

TEST_F(StyleRegionsTest, AMaskIsAveragedOverTheAreaOfEachPixel) {
  const StyleRegions regions = Make({LeftHalf()});
  ASSERT_EQ(regions.weights().grams.size(), 2);
  EXPECT_TRUE(at::equal(regions.weights().grams[0][0], LeftHalf()));
  const at::Tensor row = at::tensor({1.f, 0.5f, 0.f});
  EXPECT_TRUE(at::equal(regions.weights().grams[1][0], row.expand({4, 3})));
  EXPECT_EQ(regions.PixelsAt(0, 0), 24);
  EXPECT_EQ(regions.PixelsAt(1, 0), 6);
}

TEST_F(StyleRegionsTest, EqualMasksShareARegion) {
  const StyleRegions regions = Make({LeftHalf(), {}, LeftHalf().clone(), {}});
  EXPECT_EQ(regions.count(), 2);
  EXPECT_EQ(regions.Of(0), regions.Of(2));
  EXPECT_EQ(regions.Of(1), regions.Of(3));
  EXPECT_TRUE(at::equal(regions.weights().grams[1][1], at::ones({4, 3})));
  EXPECT_EQ(regions.PixelsAt(1, 1), 12);
}

TEST_F(StyleRegionsTest, AMaskOfAnotherSizeIsLaidOverTheWholePicture) {
  const StyleRegions regions = Make({at::tensor({1.f, 0.f}).view({1, 2})});
  EXPECT_TRUE(at::equal(regions.weights().grams[0][0], LeftHalf()));
}

TEST_F(StyleRegionsTest, AMaskThatLetsNothingThroughIsRefused) {
  const absl::Status status =
      StyleRegions::Make(*vgg_, {{}, at::zeros({8, 6})}, {8, 6}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("mask: its weights sum to 0 at relu1_1"));
}

}  // namespace
}  // namespace atelier::engine
