#include "worker/engine/frequency_bands.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

at::Tensor Noise(int height, int width, int seed) {
  return (NoisePicture(height, width, seed) - 0.5).to(at::kDouble);
}

FrequencyBands BandsOf(const at::Tensor& picture) {
  return FrequencyBands(picture.size(2), picture.size(3), picture.options());
}

constexpr std::pair<int, int> kSizes[] = {{16, 24}, {15, 17}, {9, 8}, {1, 3}};

TEST(FrequencyBandsTest, EnergiesAddUpToTheWhole) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor picture = Noise(height, width, 3);
    const at::Tensor energies = BandsOf(picture).Energies(picture);
    EXPECT_NEAR(energies.sum().item<double>(),
                picture.square().sum().item<double>(), 1e-9);
  }
}

TEST(FrequencyBandsTest, EachPartIsMultipliedByItsFactorAndNoOther) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor picture = Noise(height, width, 4);
    const FrequencyBands bands = BandsOf(picture);
    const at::Tensor before = bands.Energies(picture);
    const at::Tensor factors =
        at::arange(3 * bands.count(), at::kDouble).view(before.sizes()) + 0.5;
    const at::Tensor after = bands.Energies(bands.Scaled(picture, factors));
    EXPECT_TRUE(at::allclose(after, before * factors.square(), 1e-9, 1e-12));
    EXPECT_TRUE(at::allclose(bands.Scaled(picture, at::ones_like(factors)),
                             picture, 1e-9, 1e-12));
  }
}

// A grey wave of 4 pixels on a side of 16: 4 waves, two octaves over the first.
TEST(FrequencyBandsTest, AWaveIsInTheBandOfItsLengthAndColor) {
  const at::Tensor wave = (at::arange(16, at::kDouble) * (2 * M_PI / 4))
                              .cos()
                              .expand({1, 3, 8, 16});
  const at::Tensor energies = BandsOf(wave).Energies(wave);
  EXPECT_NEAR(energies[0][0][4].item<double>(),
              wave.square().sum().item<double>(), 1e-9);
  at::Tensor red_blue = wave.clone();
  red_blue.select(1, 1).zero_();
  red_blue.select(1, 2).neg_();
  EXPECT_NEAR(BandsOf(wave).Energies(red_blue)[0][1][4].item<double>(),
              red_blue.square().sum().item<double>(), 1e-9);
}

TEST(FrequencyBandsTest, PicturesOfABatchDoNotSeeEachOther) {
  const at::Tensor first = NoisePicture(15, 18, 1);
  const at::Tensor second = NoisePicture(15, 18, 2);
  const at::Tensor both = at::cat({first, second});
  const FrequencyBands bands = BandsOf(first);
  const at::Tensor energies = bands.Energies(both);
  EXPECT_TRUE(energies[1].equal(bands.Energies(second)[0]));
  const at::Tensor scaled = bands.Scaled(both, energies);
  EXPECT_TRUE(
      scaled[1].equal(bands.Scaled(second, energies.narrow(0, 1, 1))[0]));
}

}  // namespace
}  // namespace atelier::engine
