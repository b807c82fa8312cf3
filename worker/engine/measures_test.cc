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
