#include "worker/engine/spectrum.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "worker/engine/experimental/product_spectrum.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

at::Tensor Noise(int height, int width, int seed) {
  return (NoisePicture(height, width, seed) - 0.5).to(at::kDouble);
}

Spectrum SpectrumFor(const at::Tensor& picture) {
  return Spectrum(picture.size(2), picture.size(3), picture.options());
}

constexpr std::pair<int, int> kSizes[] = {{16, 24}, {15, 17}, {9, 8},
                                          {1, 3},   {2, 2},   {5, 1}};

TEST(SpectrumTest, IsAnOrthonormalBasis) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor a = Noise(height, width, 3);
    const at::Tensor b = Noise(height, width, 4);
    const Spectrum spectrum = SpectrumFor(a);
    const at::Tensor of_a = spectrum.Of(a);
    EXPECT_EQ(of_a.size(1), spectrum.coordinates());
    EXPECT_TRUE(at::allclose(spectrum.Pictures(of_a), a, 1e-9, 1e-12));
    EXPECT_NEAR((of_a * spectrum.Of(b)).sum().item<double>(),
                (a * b).sum().item<double>(), 1e-9);
  }
}

TEST(SpectrumTest, TakesChannelsLast) {
  const at::Tensor picture = Noise(6, 8, 5);
  const Spectrum spectrum = SpectrumFor(picture);
  EXPECT_TRUE(spectrum.Of(picture.contiguous(at::MemoryFormat::ChannelsLast))
                  .equal(spectrum.Of(picture)));
}

TEST(SpectrumTest, EnergiesAddUpToTheWhole) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor picture = Noise(height, width, 3);
    const Spectrum spectrum = SpectrumFor(picture);
    const at::Tensor energies = spectrum.Energies(spectrum.Of(picture));
    EXPECT_EQ(energies.size(2), spectrum.bands());
    EXPECT_NEAR(energies.sum().item<double>(),
                picture.square().sum().item<double>(), 1e-9);
  }
}

TEST(SpectrumTest, EachBandIsMultipliedByItsFactorAndNoOther) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor picture = Noise(height, width, 4);
    const Spectrum spectrum = SpectrumFor(picture);
    const at::Tensor before = spectrum.Energies(spectrum.Of(picture));
    const at::Tensor factors =
        at::arange(3 * spectrum.bands(), at::kDouble).view(before.sizes()) +
        0.5;
    // By way of a real picture: no factor parts a wave from its mirror image.
    const at::Tensor scaled =
        spectrum.Pictures(spectrum.Scaled(spectrum.Of(picture), factors));
    const at::Tensor after = spectrum.Energies(spectrum.Of(scaled));
    EXPECT_TRUE(at::allclose(after, before * factors.square(), 1e-9, 1e-12));
  }
}

// A grey wave of 4 pixels on a side of 16: 4 waves, two octaves over the first.
TEST(SpectrumTest, AWaveIsInTheBandOfItsLengthAndColor) {
  const at::Tensor wave = (at::arange(16, at::kDouble) * (2 * M_PI / 4))
                              .cos()
                              .expand({1, 3, 8, 16});
  const Spectrum spectrum = SpectrumFor(wave);
  const at::Tensor energies = spectrum.Energies(spectrum.Of(wave));
  EXPECT_NEAR(energies[0][0][4].item<double>(),
              wave.square().sum().item<double>(), 1e-9);
  at::Tensor red_blue = wave.clone();
  red_blue.select(1, 1).zero_();
  red_blue.select(1, 2).neg_();
  EXPECT_NEAR(spectrum.Energies(spectrum.Of(red_blue))[0][1][4].item<double>(),
              red_blue.square().sum().item<double>(), 1e-9);
}

TEST(SpectrumTest, AWaveDownIsInTheBandOfAWaveAcross) {
  const at::Tensor across =
      (at::arange(16, at::kDouble) * (2 * M_PI / 4)).cos().expand({16, 16});
  const at::Tensor aslant =
      (at::arange(16, at::kDouble) * (2 * M_PI / 8)).cos().view({16, 1}) *
      across;
  for (const at::Tensor& wave : {across, across.t(), aslant, aslant.t()}) {
    const at::Tensor picture = wave.expand({1, 3, 16, 16});
    const Spectrum spectrum = SpectrumFor(picture);
    const at::Tensor energies = spectrum.Energies(spectrum.Of(picture));
    EXPECT_NEAR(energies[0][0][4].item<double>(),
                picture.square().sum().item<double>(), 1e-9);
  }
}

// To rounding: there it makes other operations of it.
TEST(SpectrumTest, OnAGpuItIsTheSameBasisWithTheSameBands) {
  for (const auto& [height, width] : kSizes) {
    SCOPED_TRACE(testing::Message() << height << "x" << width);
    const at::Tensor pictures =
        at::cat({Noise(height, width, 3), Noise(height, width, 4)});
    const Spectrum spectrum = SpectrumFor(pictures);
    const experimental::ProductSpectrum on_gpu(height, width,
                                               pictures.options());
    const at::Tensor coordinates = spectrum.Of(pictures);
    EXPECT_TRUE(at::allclose(on_gpu.Of(pictures), coordinates, 1e-9, 1e-12));
    EXPECT_TRUE(
        at::allclose(on_gpu.Pictures(coordinates), pictures, 1e-9, 1e-12));
    EXPECT_TRUE(at::allclose(on_gpu.Energies(coordinates),
                             spectrum.Energies(coordinates), 1e-9, 1e-12));
  }
}

TEST(SpectrumTest, EnergiesOfSeveralTensorsFollowOneAnother) {
  const at::Tensor first = Noise(9, 8, 3);
  const at::Tensor second = Noise(9, 8, 4);
  const Spectrum spectrum = SpectrumFor(first);
  const at::Tensor a = spectrum.Of(first);
  const at::Tensor b = spectrum.Of(second);
  EXPECT_TRUE(spectrum.Energies({a, b}).equal(
      at::cat({spectrum.Energies(a), spectrum.Energies(b)})));
}

TEST(SpectrumTest, PicturesOfABatchDoNotSeeEachOther) {
  const at::Tensor first = NoisePicture(15, 18, 1);
  const at::Tensor second = NoisePicture(15, 18, 2);
  const Spectrum spectrum = SpectrumFor(first);
  const at::Tensor alone = spectrum.Of(second);
  const at::Tensor both = spectrum.Of(at::cat({first, second}));
  EXPECT_TRUE(both[1].equal(alone[0]));
  const at::Tensor energies = spectrum.Energies(both);
  EXPECT_TRUE(energies[1].equal(spectrum.Energies(alone)[0]));
  const at::Tensor scaled = spectrum.Scaled(both, energies);
  EXPECT_TRUE(
      scaled[1].equal(spectrum.Scaled(alone, energies.narrow(0, 1, 1))[0]));
  EXPECT_TRUE(spectrum.Pictures(both)[1].equal(spectrum.Pictures(alone)[0]));
}

}  // namespace
}  // namespace atelier::engine
