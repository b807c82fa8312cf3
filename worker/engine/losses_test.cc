#include "worker/engine/losses.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

// Two channels of one row of two pixels: F = [[1, 2], [3, 4]].
at::Tensor SmallFeatures() {
  return at::tensor({1.f, 2.f, 3.f, 4.f}).view({1, 2, 1, 2});
}

// F·Fᵀ, over what the convention divides it by.
at::Tensor SmallGram(const StyleReduction& how) {
  return at::tensor({5.f, 11.f, 11.f, 25.f}).view({1, 2, 2}) /
         GramDivisor(how, 2, 2);
}

TEST(LossesTest, GramIsDividedAsTheConventionSays) {
  StyleReduction how;
  EXPECT_EQ(GramDivisor(how, 64, 100), 6400);
  how.divide_gram_by_channels = false;
  EXPECT_EQ(GramDivisor(how, 64, 100), 100);
}

TEST(LossesTest, ContentIsTheMeanOfSquaredDifferences) {
  const Term term = ContentTerm(SmallFeatures(), at::zeros({1, 2, 1, 2}), true);
  EXPECT_FLOAT_EQ(term.value.item<float>(), (1 + 4 + 9 + 16) / 4.0f);
  EXPECT_TRUE(at::allclose(term.gradient, SmallFeatures() / 2));
}

TEST(LossesTest, StyleIsReducedAsEachConventionSays) {
  const at::Tensor none = at::zeros({1, 2, 2});
  const auto value = [&](Convention convention) {
    const StyleReduction& how = Spec(convention).style;
    return StyleTerm(SmallGram(how), none, how, false).value.item<float>();
  };
  const float squares = 25 + 121 + 121 + 625;
  EXPECT_FLOAT_EQ(value(Convention::kPytorchTutorial), squares / 16 / 4);
  EXPECT_FLOAT_EQ(value(Convention::kNeuralStyle), squares / 16 / 4);
  EXPECT_FLOAT_EQ(value(Convention::kGordicaleksa), squares / 16);
  EXPECT_FLOAT_EQ(value(Convention::kGatys), squares / 4 / 4 * 1e3f / 4);
  EXPECT_EQ(LayerFactor(Spec(Convention::kGordicaleksa).style, 5), 0.2);
  EXPECT_EQ(LayerFactor(Spec(Convention::kGatys).style, 5), 1);
}

TEST(LossesTest, TotalVariationSumsBothDirections) {
  // 1 2
  // 4 8: horizontal 1 + 4, vertical 3 + 6.
  const at::Tensor image = at::tensor({1.f, 2.f, 4.f, 8.f}).view({1, 1, 2, 2});
  const Term term = TotalVariation(image, true);
  EXPECT_FLOAT_EQ(term.value.item<float>(), 14);
  EXPECT_TRUE(
      at::equal(term.gradient.flatten(), at::tensor({-2.f, 0.f, 0.f, 2.f})));
}

TEST(LossesTest, AGradientNobodyAskedForIsUndefined) {
  const at::Tensor x = SmallFeatures();
  EXPECT_FALSE(ContentTerm(x, x, false).gradient.defined());
  EXPECT_FALSE(TotalVariation(x, false).gradient.defined());
  const at::Tensor gram = at::zeros({1, 2, 2});
  EXPECT_FALSE(StyleTerm(gram, gram, {}, false).gradient.defined());
}

TEST(LossesTest, PicturesOfABatchDoNotSeeEachOther) {
  const at::Tensor one = SmallGram({});
  const at::Tensor two = one * 3 - 1;
  const at::Tensor both = at::cat({one, two});
  const at::Tensor gram = at::ones({1, 2, 2});
  const Term together = StyleTerm(both, gram, {}, true);
  const Term first = StyleTerm(one, gram, {}, true);
  const Term second = StyleTerm(two, gram, {}, true);
  EXPECT_TRUE(
      at::allclose(together.value, at::cat({first.value, second.value})));
  EXPECT_TRUE(at::allclose(together.gradient,
                           at::cat({first.gradient, second.gradient})));
}

}  // namespace
}  // namespace atelier::engine
