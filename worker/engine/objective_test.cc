#include "worker/engine/objective.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;

Evaluation EvaluateSmall(const RenderParams& params,
                         const std::vector<Style>& styles = {
                             {NoisePicture(8, 8, 2)}}) {
  const TestNetwork network({{6, 5}, {7}});
  const auto vgg = network.Make(OptionsFor(params));
  return (*Objective::Make(*vgg, params, NoisePicture(8, 8, 1), styles))
      ->Evaluate(NoisePicture(8, 8, 3))
      .value();
}

TEST(ObjectiveTest, ALayersWeightMultipliesItsLoss) {
  RenderParams params = ParamsOf(Convention::kPytorchTutorial);
  params.style_layers = {{"conv1_1"}};
  const double first =
      EvaluateSmall(params).losses.terms["style"].item<double>();
  params.style_layers = {{"relu1_2"}};
  const double second =
      EvaluateSmall(params).losses.terms["style"].item<double>();
  params.style_layers = {{"conv1_1", 2}, {"relu1_2", 0.5}};
  const double both =
      EvaluateSmall(params).losses.terms["style"].item<double>();
  EXPECT_NEAR(both, 2 * first + second / 2, 1e-5 * both);
}

TEST(ObjectiveTest, StylesAreBlendedByTheirShares) {
  const RenderParams params = ParamsOf(Convention::kGordicaleksa);
  const at::Tensor a = NoisePicture(8, 8, 2), b = NoisePicture(6, 9, 4);
  const auto style = [&](const std::vector<Style>& styles) {
    return EvaluateSmall(params, styles).losses.terms["style"].item<double>();
  };
  const double both = style({{a, 0.75}, {b, 0.25}});
  EXPECT_NEAR(both, 0.75 * style({{a}}) + 0.25 * style({{b}}), 1e-5 * both);
  EXPECT_NEAR(style({{a, 0.5}, {a, 0.5}}), style({{a}}), 1e-5 * both);
}

TEST(ObjectiveTest, OutsideItsMaskAStyleLeavesThePictureAlone) {
  RenderParams params = ParamsOf(Convention::kGordicaleksa);
  params.content_layers.clear();
  params.style_layers = {{"conv1_1"}};
  params.tv_weight = 0;
  at::Tensor left = at::zeros({8, 8});
  left.narrow(1, 0, 4).fill_(1);
  const at::Tensor gradient =
      EvaluateSmall(params, {{NoisePicture(8, 8, 2), 1, left}}).gradient;
  // A 3x3 convolution sees one pixel beyond the edge.
  EXPECT_EQ(gradient.narrow(3, 5, 3).abs().max().item<float>(), 0);
  EXPECT_GT(gradient.narrow(3, 0, 4).abs().min().item<float>(), 0);
}

RenderParams FeatureParams(StyleLoss loss) {
  RenderParams params;
  params.convention = Convention::kPytorchTutorial;
  params.style_loss = loss;
  params.style_weight = 1;
  params.style_layers = {{"relu1_1"}, {"relu2_1"}};
  params.resample_every = 50;
  return params;
}

TEST(ObjectiveTest, WhatIsDrawnComesFromTheSeedAndTheDraw) {
  const TestNetwork network({{6, 5}, {7}});
  RenderParams params = FeatureParams(StyleLoss::kSlicedWasserstein);
  const auto total = [&](uint64_t draw) {
    const auto vgg = network.Make(OptionsFor(params));
    const auto objective = Objective::Make(*vgg, params, NoisePicture(8, 8, 1),
                                           {{NoisePicture(8, 8, 2)}})
                               .value();
    objective->Redraw(draw);
    return objective->Evaluate(NoisePicture(8, 8, 3))
        .value()
        .losses.total.item<float>();
  };
  const float first = total(0);
  EXPECT_EQ(total(0), first);
  EXPECT_NE(total(1), first);
  params.seed = 1;
  EXPECT_NE(total(0), first);
}

TEST(ObjectiveTest, LossesOfFeaturesAreBlendedAndKnowNoMasks) {
  const at::Tensor a = NoisePicture(8, 8, 2);
  const at::Tensor b = NoisePicture(9, 7, 4);
  const TestNetwork network({{6, 5}, {7}});
  for (StyleLoss loss : {StyleLoss::kSlicedWasserstein, StyleLoss::kNearest}) {
    const RenderParams params = FeatureParams(loss);
    const auto style = [&params](const std::vector<Style>& styles) {
      return EvaluateSmall(params, styles).losses.terms["style"].item<float>();
    };
    EXPECT_FLOAT_EQ(style({{a, 0.25}, {b, 0.75}}),
                    0.25f * style({{a}}) + 0.75f * style({{b}}));
    const auto vgg = network.Make(OptionsFor(params));
    const auto masked = Objective::Make(*vgg, params, NoisePicture(8, 8, 1),
                                        {{a, 1, NoisePicture(8, 8, 9)[0][0]}});
    EXPECT_THAT(masked.status().message(),
                HasSubstr("style_mask: is not allowed with style_loss"));
  }
}

// By a central difference along the gradient.
TEST(ObjectiveTest, GradientsOfFeatureLossesAreThoseOfTheirValues) {
  const TestNetwork network({{6, 5}, {7}});
  for (StyleLoss loss : {StyleLoss::kSlicedWasserstein, StyleLoss::kNearest}) {
    const RenderParams params = FeatureParams(loss);
    const auto vgg = network.Make(OptionsFor(params));
    const auto objective =
        Objective::Make(*vgg, params, NoisePicture(12, 12, 1),
                        {{NoisePicture(9, 14, 2)}})
            .value();
    const at::Tensor image = NoisePicture(12, 12, 3);
    const at::Tensor gradient = objective->Evaluate(image).value().gradient;
    const double length = gradient.norm().item<double>();
    const at::Tensor step = gradient * (2e-3 / length);
    const auto total = [&](const at::Tensor& at) {
      return objective->Evaluate(at).value().losses.total.item<double>();
    };
    EXPECT_NEAR((total(image + step) - total(image - step)) / 4e-3, length,
                length * 0.02)
        << Name(loss);
  }
}

TEST(ObjectiveTest, SaysWhichStyleIsWrong) {
  const TestNetwork network({{6, 5}, {7}});
  const RenderParams params = ParamsOf(Convention::kGordicaleksa);
  const auto vgg = network.Make(OptionsFor(params));
  const at::Tensor good = NoisePicture(8, 8, 1);
  const auto message = [&](const std::vector<Style>& styles) {
    return std::string(
        Objective::Make(*vgg, params, good, styles).status().message());
  };
  EXPECT_THAT(message({}), HasSubstr("style: missing"));
  EXPECT_THAT(message({{good, 0.5}, {NoisePicture(1, 1, 1), 0.5}}),
              HasSubstr("style 2: "));
  EXPECT_THAT(message({{good, 1, {}, at::zeros({8, 8})}}),
              HasSubstr("style: mask: its weights sum to 0"));
}

TEST(ObjectiveTest, ALayerListedTwiceIsReadOnce) {
  RenderParams params = ParamsOf(Convention::kGordicaleksa);
  params.style_layers = {{"conv1_1"}, {"relu2_1"}, {"conv1_1", 3}};
  const NetworkOptions options = OptionsFor(params);
  EXPECT_THAT(options.taps, ::testing::ElementsAre("relu2_1"));
  EXPECT_THAT(options.grams, ::testing::ElementsAre("conv1_1", "relu2_1"));
}

TEST(ObjectiveTest, WithoutLayersOnlyTheVariationIsLeft) {
  RenderParams params = ParamsOf(Convention::kGordicaleksa);
  params.content_layers.clear();
  params.style_layers.clear();
  params.tv_weight = 2;
  const Evaluation at = EvaluateSmall(params);
  EXPECT_EQ(at.losses.terms["content"].item<double>(), 0);
  EXPECT_EQ(at.losses.terms["style"].item<double>(), 0);
  EXPECT_FLOAT_EQ(at.losses.total.item<float>(),
                  2 * at.losses.terms["total_variation"].item<float>());
  EXPECT_GT(at.gradient.norm().item<double>(), 0);
}

TEST(ObjectiveTest, AnImageOfAnotherSizeIsRefusedWithBoth) {
  const TestNetwork network(Blocks{{4}});
  RenderParams params;
  params.content_layers = {{"conv1_1"}};
  const auto vgg = network.Make(OptionsFor(params));
  const auto objective =
      Objective::Make(*vgg, params, NoisePicture(8, 6, 1), {});
  ASSERT_TRUE(objective.ok()) << objective.status();
  const absl::Status status =
      (*objective)->Evaluate(NoisePicture(8, 7, 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 8, 7]"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 8, 6]"));
}

}  // namespace
}  // namespace atelier::engine
