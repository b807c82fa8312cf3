// The formulas of the terms.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "worker/engine/by_term.h"
#include "worker/engine/content_term.h"
#include "worker/engine/gram_loss.h"
#include "worker/engine/style_term.h"
#include "worker/engine/term_registry.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/total_variation_term.h"

namespace atelier::engine {
namespace {

// Two channels of one row of two pixels: F = [[1, 2], [3, 4]].
at::Tensor SmallFeatures() {
  return at::tensor({1.f, 2.f, 3.f, 4.f}).view({1, 2, 1, 2});
}

// F·Fᵀ, over what the convention divides it by.
at::Tensor SmallGram(const StyleReduction& how) {
  return at::tensor({5.f, 11.f, 11.f, 25.f}).view({1, 2, 2}) /
         MakeGramLoss(how)->Divisor(2, 2);
}

MomentLossValue GramLossOf(const at::Tensor& gram, const at::Tensor& target,
                           const StyleReduction& how, bool with_gradient) {
  return MakeGramLoss(how)->Evaluate({gram}, {target}, with_gradient);
}

TEST(TermsTest, GramIsDividedAsTheConventionSays) {
  StyleReduction how;
  EXPECT_EQ(MakeGramLoss(how)->Divisor(64, 100), 6400);
  how.divide_gram_by_channels = false;
  EXPECT_EQ(MakeGramLoss(how)->Divisor(64, 100), 100);
}

TEST(TermsTest, ContentIsTheMeanOfSquaredDifferences) {
  const LossAndGradient term =
      ContentLoss(SmallFeatures(), at::zeros({1, 2, 1, 2}), true);
  EXPECT_FLOAT_EQ(term.value.item<float>(), (1 + 4 + 9 + 16) / 4.0f);
  EXPECT_TRUE(at::allclose(term.gradient, SmallFeatures() / 2));
}

TEST(TermsTest, StyleIsReducedAsEachConventionSays) {
  const at::Tensor none = at::zeros({1, 2, 2});
  const auto value = [&](Convention convention) {
    const StyleReduction& how = Spec(convention).style;
    return GramLossOf(SmallGram(how), none, how, false).value.item<float>();
  };
  const float squares = 25 + 121 + 121 + 625;
  EXPECT_FLOAT_EQ(value(Convention::kPytorchTutorial), squares / 16 / 4);
  EXPECT_FLOAT_EQ(value(Convention::kNeuralStyle), squares / 16 / 4);
  EXPECT_FLOAT_EQ(value(Convention::kGordicaleksa), squares / 16);
  EXPECT_FLOAT_EQ(value(Convention::kGatys), squares / 4 / 4 * 1e3f / 4);
  EXPECT_EQ(LayerFactor(Spec(Convention::kGordicaleksa).style, 5), 0.2);
  EXPECT_EQ(LayerFactor(Spec(Convention::kGatys).style, 5), 1);
}

TEST(TermsTest, TotalVariationSumsBothDirections) {
  // 1 2
  // 4 8: horizontal 1 + 4, vertical 3 + 6.
  const at::Tensor image = at::tensor({1.f, 2.f, 4.f, 8.f}).view({1, 1, 2, 2});
  const LossAndGradient term = TotalVariation(image, true);
  EXPECT_FLOAT_EQ(term.value.item<float>(), 14);
  EXPECT_TRUE(
      at::equal(term.gradient.flatten(), at::tensor({-2.f, 0.f, 0.f, 2.f})));
}

TEST(TermsTest, AGradientNobodyAskedForIsUndefined) {
  const at::Tensor x = SmallFeatures();
  EXPECT_FALSE(ContentLoss(x, x, false).gradient.defined());
  EXPECT_FALSE(TotalVariation(x, false).gradient.defined());
  const at::Tensor gram = at::zeros({1, 2, 2});
  EXPECT_FALSE(GramLossOf(gram, gram, {}, false).gradient.second.defined());
}

TEST(TermsTest, PicturesOfABatchDoNotSeeEachOther) {
  const at::Tensor one = SmallGram({});
  const at::Tensor two = one * 3 - 1;
  const at::Tensor both = at::cat({one, two});
  const at::Tensor gram = at::ones({1, 2, 2});
  const MomentLossValue together = GramLossOf(both, gram, {}, true);
  const MomentLossValue first = GramLossOf(one, gram, {}, true);
  const MomentLossValue second = GramLossOf(two, gram, {}, true);
  EXPECT_TRUE(
      at::allclose(together.value, at::cat({first.value, second.value})));
  EXPECT_TRUE(
      at::allclose(together.gradient.second,
                   at::cat({first.gradient.second, second.gradient.second})));
}

TEST(TermRegistryTest, NamesAreUniqueAndLabelled) {
  std::set<std::string> names;
  for (const TermKind* kind : TermRegistry()) {
    EXPECT_TRUE(names.insert(std::string(kind->name)).second) << kind->name;
    EXPECT_EQ(TermLabel(kind->name), kind->label);
  }
  EXPECT_THAT(names,
              ::testing::ElementsAre("content", "style", "total_variation"));
  EXPECT_EQ(TermLabel("unknown"), "unknown");
}

TEST(TermRegistryTest, EachTermIsOneOfFeaturesOrOneOfPixels) {
  const TestNetwork network({{6, 5}, {7}});
  const auto vgg = network.Make(NetworkOptions());
  const at::Tensor input = NoisePicture(8, 8, 1);
  const Features features = vgg->Forward(input).value();
  const StyleRegions regions;
  for (const TermKind* kind : TermRegistry()) {
    SCOPED_TRACE(kind->name);
    const auto term = kind->make(RenderParams(), vgg->options());
    const ImageFactor weight({2}, at::kCPU);
    TapGradients gradients;
    at::Tensor gradient = at::zeros_like(input);
    const at::Tensor of_features =
        term->EvaluateFeatures({input, features, regions}, weight, gradients);
    const at::Tensor of_pixels = term->EvaluatePixels(input, weight, gradient);
    EXPECT_NE(of_features.defined(), of_pixels.defined());
  }
}

TEST(ByTermTest, FindsValuesByName) {
  ByTerm<double> values = {{"a", 1}};
  values.Add("b", 2);
  EXPECT_EQ(values["b"], 2);
  EXPECT_EQ(*values.Find("a"), 1);
  EXPECT_EQ(values.Find("c"), nullptr);
}

}  // namespace
}  // namespace atelier::engine
