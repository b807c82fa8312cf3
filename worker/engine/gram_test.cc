#include "worker/engine/gram.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace atelier::engine {
namespace {

// Two channels of one row of two pixels: F = [[1, 2], [3, 4]], so that
// F·Fᵀ = [[5, 11], [11, 25]].
at::Tensor SmallFeatures() {
  return at::tensor({1.f, 2.f, 3.f, 4.f}).view({1, 2, 1, 2});
}

TEST(GramTest, WithoutARegionEveryPixelCountsOnce) {
  const at::Tensor sums = GramSums(SmallFeatures(), {});
  EXPECT_EQ(sums.sizes(), at::IntArrayRef({1, 1, 2, 2}));
  EXPECT_TRUE(at::equal(sums.flatten(), at::tensor({5.f, 11.f, 11.f, 25.f})));
}

TEST(GramTest, ARegionsWeightsMultiplyItsPixels) {
  // The first region sees half of the first pixel, the second one the other.
  const at::Tensor region = at::tensor({.5f, 0.f, 0.f, 1.f}).view({2, 1, 2});
  const at::Tensor sums = GramSums(SmallFeatures(), region);
  EXPECT_EQ(sums.sizes(), at::IntArrayRef({1, 2, 2, 2}));
  EXPECT_TRUE(
      at::equal(sums[0][0].flatten(), at::tensor({.5f, 1.5f, 1.5f, 4.5f})));
  EXPECT_TRUE(
      at::equal(sums[0][1].flatten(), at::tensor({4.f, 8.f, 8.f, 16.f})));
}

TEST(GramTest, SumsAreOfFeaturesTimesTheirWeights) {
  EXPECT_TRUE(at::equal(FeatureSums(SmallFeatures(), {}).flatten(),
                        at::tensor({3.f, 7.f})));
  const at::Tensor region = at::tensor({.5f, 0.f, 0.f, 1.f}).view({2, 1, 2});
  const at::Tensor sums = FeatureSums(SmallFeatures(), region);
  EXPECT_EQ(sums.sizes(), at::IntArrayRef({1, 2, 2}));
  EXPECT_TRUE(at::equal(sums.flatten(), at::tensor({.5f, 1.5f, 2.f, 4.f})));
}

// As many pixels as a picture has, each far smaller than their sum.
TEST(GramTest, SumsKeepTheSmallestPartOfMany) {
  const at::Tensor features = at::full({1, 1, 2000, 3000}, 0.1f);
  EXPECT_NEAR(FeatureSums(features, {}).item<float>(), 6e5, 0.1);
}

TEST(GramTest, TheGradientIsAutograds) {
  const at::Tensor features =
      at::sin(at::arange(2 * 3 * 4 * 5, at::kDouble)).view({2, 3, 4, 5});
  for (const at::Tensor& region :
       {at::Tensor(),
        at::cos(at::arange(2 * 4 * 5, at::kDouble)).abs().view({2, 4, 5})}) {
    const int64_t regions = region.defined() ? region.size(0) : 1;
    const at::Tensor variable = features.detach().requires_grad_(true);
    at::Tensor pull = at::cos(at::arange(2 * regions * 9, at::kDouble))
                          .view({2, regions, 3, 3});
    pull = pull + pull.transpose(2, 3);
    const at::Tensor scalar = (GramSums(variable, region) * pull).sum();
    EXPECT_TRUE(at::allclose(GramSumsGradient(features, region, pull),
                             torch::autograd::grad({scalar}, {variable})[0]));
    const at::Tensor of_sums =
        at::sin(at::arange(2 * regions * 3, at::kDouble)).view({2, regions, 3});
    const at::Tensor sum = (FeatureSums(variable, region) * of_sums).sum();
    EXPECT_TRUE(at::allclose(FeatureSumsGradient(features, region, of_sums),
                             torch::autograd::grad({sum}, {variable})[0]));
  }
}

}  // namespace
}  // namespace atelier::engine
