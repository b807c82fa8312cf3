#include "worker/engine/measures.h"

#include <ATen/ATen.h>

#include <cmath>

#include "gtest/gtest.h"

// The values of whole pictures are held to NumPy's in
// worker/renderer/torch_measurer_test.cc; here those that can be had by hand.

namespace atelier::engine {
namespace {

TEST(MeasuresTest, LumaIsBt601s) {
  const at::Tensor rgb = at::tensor({1.0F, 0.5F, 0.25F}).view({1, 3, 1, 1});
  EXPECT_NEAR(Luma(rgb).item<double>(), 0.299 + 0.587 * 0.5 + 0.114 * 0.25,
              1e-12);
}

TEST(MeasuresTest, PsnrIsTheErrorInDecibels) {
  const at::Tensor zeros = at::zeros({4, 4}, at::kDouble);
  EXPECT_NEAR(Psnr(zeros, zeros + 0.1), 20, 1e-9);
  EXPECT_NEAR(Psnr(zeros, zeros + 1), 0, 1e-9);
  EXPECT_EQ(Psnr(zeros, zeros), kMostDecibels);
  EXPECT_EQ(Psnr(zeros, zeros + 1e-9), kMostDecibels);
}

// Of flat pictures only SSIM's luminance is left.
TEST(MeasuresTest, SsimOfFlatPicturesIsTheirLuminances) {
  const at::Tensor a = at::full({16, 20}, 0.25, at::kDouble);
  const at::Tensor b = at::full({16, 20}, 0.75, at::kDouble);
  const double c1 = 1e-4;
  EXPECT_NEAR(Ssim(a, b), (2 * 0.25 * 0.75 + c1) / (0.0625 + 0.5625 + c1),
              1e-12);
  EXPECT_NEAR(Ssim(a, a), 1, 1e-12);
}

// A wave with these lengths along x and y; 0: none along it.
at::Tensor Wave(double x_px, double y_px) {
  constexpr double kTurn = 2 * 3.14159265358979323846;
  const auto phases = [&](double length_px, int64_t n) {
    const at::Tensor at = at::arange(n, at::kDouble);
    return length_px == 0 ? at * 0 : at * (kTurn / length_px);
  };
  return at::cos(phases(y_px, 96).unsqueeze(1) + phases(x_px, 128)) * 0.4 + 0.5;
}

// The window blurs a spectrum, so that its mean is not the wave's own to the
// digit.
TEST(MeasuresTest, MeanWavelengthIsThatOfAWave) {
  EXPECT_NEAR(MeanWavelength(Wave(8, 0)), 8, 0.1);
  EXPECT_NEAR(MeanWavelength(Wave(0, 8)), 8, 0.1);
  EXPECT_NEAR(MeanWavelength(Wave(16, 0)), 16, 0.4);
  EXPECT_NEAR(MeanWavelength(Wave(8, 8)), 8 / std::sqrt(2), 0.1);
  // The mean of the lengths by their power, here equal.
  EXPECT_NEAR(MeanWavelength(Wave(16, 0) + Wave(4, 0)), 10, 0.3);
}

TEST(MeasuresTest, MeanWavelengthKnowsNoBrightnessContrastOrDirection) {
  at::manual_seed(1);
  const at::Tensor luma = at::rand({40, 30}, at::kDouble);
  const double expected = MeanWavelength(luma);
  EXPECT_NEAR(MeanWavelength(luma * 0.25 + 0.5), expected, 1e-9);
  EXPECT_NEAR(MeanWavelength(luma.t()), expected, 1e-9);
  EXPECT_NEAR(MeanWavelength(luma.flip({1})), expected, 1e-9);
}

TEST(MeasuresTest, MeanWavelengthDoesNotSeeTheEdges) {
  const at::Tensor luma = Wave(8, 0);
  at::Tensor framed = luma.clone();
  framed[0].fill_(0.5);
  framed[95].fill_(0.5);
  EXPECT_NEAR(MeanWavelength(framed), MeanWavelength(luma), 1e-3);
}

TEST(MeasuresTest, WhatIsFlatHasNoWavelength) {
  EXPECT_FALSE(
      std::isfinite(MeanWavelength(at::full({9, 7}, 0.3, at::kDouble))));
  // No side of two pixels has anything but edges.
  EXPECT_FALSE(std::isfinite(MeanWavelength(at::rand({2, 64}, at::kDouble))));
  EXPECT_TRUE(std::isfinite(MeanWavelength(at::rand({1, 64}, at::kDouble))));
}

// Channels that are alike everywhere but for two values: moments by hand.
TEST(MeasuresTest, DistancesOfOneChannelAreThoseOfNumbers) {
  const at::Tensor f = at::tensor({1.0F, 3.0F}).view({1, 1, 1, 2});
  const at::Tensor s = at::tensor({4.0F, 10.0F}).view({1, 1, 1, 2});
  const StyleMoments style = ToStyleMoments(MomentsOf(s));
  // Means 2 and 7, deviations 1 and 3: W2 is the root of 25 + 4.
  EXPECT_NEAR(WassersteinDistance(MomentsOf(f), style), std::sqrt(29.0), 1e-9);
  // Second moments 5 and 58.
  EXPECT_NEAR(GramDistance(MomentsOf(f), style), 53.0 / 58, 1e-12);
  EXPECT_NEAR(style.mean_square, 58, 1e-12);
  EXPECT_NEAR(RelativeDistance(f, s), std::sqrt((9 + 49) / 116.0), 1e-12);
}

TEST(MeasuresTest, WhatIsZeroOnBothSidesIsAtNoDistance) {
  const at::Tensor zeros = at::zeros({1, 2, 3, 3});
  const StyleMoments style = ToStyleMoments(MomentsOf(zeros));
  EXPECT_EQ(RelativeDistance(zeros, zeros), 0);
  EXPECT_EQ(GramDistance(MomentsOf(zeros), style), 0);
  EXPECT_EQ(WassersteinDistance(MomentsOf(zeros), style), 0);
}

// Fewer positions than channels: the covariance has no full rank.
TEST(MeasuresTest, FewPositionsAreAtNoDistanceFromThemselves) {
  at::manual_seed(1);
  const at::Tensor f = at::rand({1, 64, 2, 3});
  const FeatureMoments moments = MomentsOf(f);
  EXPECT_NEAR(WassersteinDistance(moments, ToStyleMoments(moments)), 0, 1e-6);
}

}  // namespace
}  // namespace atelier::engine
