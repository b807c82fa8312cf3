#include "common/render/resolve.h"

#include <cmath>

#include "absl/strings/string_view.h"
#include "common/render/convention.h"
#include "common/render/preset.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NetworkDescription SmallNetwork() {
  NetworkDescription network;
  network.name = "small";
  network.blocks = {{8, 8}, {8, 8}, {8, 8, 8, 8}, {8, 8, 8, 8}, {8}};
  network.pooling = Pooling::kAverage;
  return network;
}

RenderPatch WithInputs() {
  RenderPatch patch;
  patch.content_digest = std::string(64, 'c');
  patch.style_digests = {std::string(64, '5')};
  patch.weights_digest = std::string(64, 'a');
  return patch;
}

std::vector<std::string> Digests(int count) {
  std::vector<std::string> digests;
  for (int i = 0; i < count; ++i) digests.emplace_back(64, '0' + i);
  return digests;
}

absl::Status StatusOf(const RenderPatch& patch) {
  return Resolve(patch, SmallNetwork()).status();
}

TEST(ResolveTest, FillsFromTheConventionAndTheNetwork) {
  RenderPatch patch = WithInputs();
  patch.convention = Convention::kNeuralStyle;
  const Render render = Resolve(patch, SmallNetwork()).value();
  EXPECT_EQ(render.params.content_weight, 5);
  EXPECT_EQ(render.params.style_weight, 100);
  EXPECT_EQ(render.params.tv_weight, 1e-3);
  EXPECT_THAT(render.params.content_layers,
              ElementsAre(LayerWeight{"relu4_2", 1}));
  EXPECT_EQ(render.params.style_layers.size(), 5);
  EXPECT_EQ(render.params.pooling, Pooling::kAverage);
  EXPECT_EQ(render.params.learning_rate, 1);
}

TEST(ResolveTest, TheDefaultConventionIsGordicaleksas) {
  const Render render = Resolve(WithInputs(), SmallNetwork()).value();
  EXPECT_EQ(render.params.convention, Convention::kGordicaleksa);
}

TEST(ResolveTest, WhatIsGivenWins) {
  RenderPatch patch = WithInputs();
  patch.style_weight = 3500;
  patch.pooling = Pooling::kMax;
  patch.optimizer = Optimizer::kAdam;
  patch.style_layers = {{"conv_1", 0.5}};
  const Render render = Resolve(patch, SmallNetwork()).value();
  EXPECT_EQ(render.params.style_weight, 3500);
  EXPECT_EQ(render.params.pooling, Pooling::kMax);
  EXPECT_EQ(render.params.learning_rate, 0.02);
  EXPECT_THAT(render.params.style_layers,
              ElementsAre(LayerWeight{"conv_1", 0.5}));
}

// Stored jobs are resolved by these figures: other ones take a new preset.
TEST(ResolveTest, FiguresOfPresetsAreForGood) {
  const auto expect = [](Preset id, int from_picture, int from_noise,
                         int scales, double least_progress) {
    const PresetSpec& spec = Spec(id);
    EXPECT_EQ(spec.id, id);
    EXPECT_EQ(spec.IterationsFrom(Initialisation::kContent), from_picture);
    EXPECT_EQ(spec.IterationsFrom(Initialisation::kImage), from_picture);
    EXPECT_EQ(spec.IterationsFrom(Initialisation::kNoise), from_noise);
    EXPECT_EQ(spec.scales, scales);
    EXPECT_EQ(spec.least_progress, least_progress);
  };
  expect(Preset::kPublished, 300, 300, 1, 0);
  expect(Preset::kFast, 390, 450, kAutoScales, 0.002);
  expect(Preset::kFine, 1000, 1200, kAutoScales, 0.001);
}

TEST(ResolveTest, APresetKeepsToTheLimits) {
  RenderPatch patch = WithInputs();
  patch.preset = Preset::kFine;
  RenderLimits limits;
  limits.max_iterations = 70;
  EXPECT_EQ(Resolve(patch, SmallNetwork(), limits)->params.iterations, 70);
}

TEST(ResolveTest, AStyleLossThatIsNotUsedChangesNothingOfAPreset) {
  RenderPatch patch = WithInputs();
  patch.preset = Preset::kFast;
  patch.style_weight = 0;
  patch.style_loss = StyleLoss::kNearest;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.least_progress, 0.002);
}

TEST(ResolveTest, ThePresetSaysWhatIsNotGiven) {
  RenderPatch patch = WithInputs();
  const RenderParams published = Resolve(patch, SmallNetwork())->params;
  EXPECT_EQ(published.iterations, 300);
  EXPECT_EQ(published.scales, 1);
  EXPECT_EQ(published.least_progress, 0);
  const PictureSizes sizes = {{*patch.content_digest, {900, 900}},
                              {(*patch.style_digests)[0], {900, 900}}};
  for (const Preset preset : {Preset::kFast, Preset::kFine}) {
    SCOPED_TRACE(Name(preset));
    RenderPatch own = patch;
    own.preset = preset;
    const RenderParams params = Resolve(own, SmallNetwork(), {}, sizes)->params;
    EXPECT_EQ(params.iterations, Spec(preset).iterations_from_picture);
    own.init = Initialisation::kNoise;
    EXPECT_EQ(Resolve(own, SmallNetwork(), {}, sizes)->params.iterations,
              Spec(preset).iterations_from_noise);
    EXPECT_GT(params.scales, 1);
    EXPECT_EQ(params.lbfgs_history, 40);
    EXPECT_EQ(params.least_progress, Spec(preset).least_progress);
    own.style_loss = StyleLoss::kNearest;
    own.resample_every = 7;
    EXPECT_EQ(Resolve(own, SmallNetwork(), {}, sizes)->params.least_progress,
              0);
    own.style_loss.reset();
    // What the picture does not gain by is not done.
    own.size_px = 32;
    EXPECT_EQ(Resolve(own, SmallNetwork(), {}, sizes)->params.lbfgs_history,
              10);
    own.iterations = 17;
    own.scales = 2;
    const RenderParams given = Resolve(own, SmallNetwork(), {}, sizes)->params;
    EXPECT_EQ(given.iterations, 17);
    EXPECT_EQ(given.least_progress, 0);
    EXPECT_EQ(given.scales, 2);
  }
}

TEST(ResolveTest, SeveralScalesHaveALongerHistoryUnlessOneIsGiven) {
  RenderPatch patch = WithInputs();
  EXPECT_EQ(Resolve(patch, SmallNetwork()).value().params.lbfgs_history, 10);
  patch.scales = 2;
  EXPECT_EQ(Resolve(patch, SmallNetwork()).value().params.lbfgs_history, 40);
  patch.lbfgs_history = 10;
  EXPECT_EQ(Resolve(patch, SmallNetwork()).value().params.lbfgs_history, 10);
}

TEST(ResolveTest, RendersThatAreEqualAreEqualFieldByField) {
  RenderPatch off = WithInputs();
  off.style_weight = 0;
  RenderPatch empty = WithInputs();
  empty.style_layers = std::vector<LayerWeight>{};
  for (const RenderPatch& patch : {off, empty}) {
    const Render render = Resolve(patch, SmallNetwork()).value();
    EXPECT_EQ(render.params.style_weight, 0);
    EXPECT_THAT(render.params.style_layers, IsEmpty());
    EXPECT_THAT(render.inputs.styles, IsEmpty());
  }
  RenderPatch seeded = WithInputs();
  seeded.seed = 7;  // From the content, no noise is drawn.
  EXPECT_EQ(Resolve(seeded, SmallNetwork())->params.seed, 0);
  seeded.init = Initialisation::kNoise;
  EXPECT_EQ(Resolve(seeded, SmallNetwork())->params.seed, 7);
}

TEST(ResolveTest, NamesTheFieldTheValueAndTheRange) {
  const struct {
    void (*spoil)(RenderPatch&);
    absl::string_view message;
  } kCases[] = {
      {[](RenderPatch& p) { p.iterations = -3; },
       "iterations: -3 is not allowed; from 1 to 1000000"},
      {[](RenderPatch& p) { p.size_px = -1; },
       "size: -1 is not allowed; from 0 to 16384"},
      {[](RenderPatch& p) { p.learning_rate = 0; },
       "learning_rate: 0 is not allowed; greater than 0"},
      {[](RenderPatch& p) { p.learning_rate = std::nan(""); },
       "learning_rate: nan is not allowed"},
      {[](RenderPatch& p) { p.lbfgs_history = 101; },
       "lbfgs_history: 101 is not allowed; from 1 to 100"},
      {[](RenderPatch& p) { p.style_weight = -1; },
       "style_weight: -1 is not allowed; a finite number, at least 0"},
      {[](RenderPatch& p) { p.tv_weight = INFINITY; },
       "tv_weight: inf is not allowed"},
      {[](RenderPatch& p) {
         p.style_layers = {{"conv_1", -2}};
       },
       "style_layers: weight of conv_1: -2 is not allowed"},
      {[](RenderPatch& p) {
         p.style_layers = {{"conv_1", 1}, {"conv_1", 2}};
       },
       "style_layers: conv_1 is given twice"},
      {[](RenderPatch& p) {
         p.style_layers = std::vector<LayerWeight>(65, {"conv_1", 1});
       },
       "style_layers: 65 layers given; at most 64"},
      {[](RenderPatch& p) {
         p.content_layers = {{"conv9_9", 1}};
       },
       "content_layers: layer 'conv9_9' is unknown; small has conv1_1 to"},
      {[](RenderPatch& p) { p.content_digest.reset(); }, "content: missing"},
      {[](RenderPatch& p) { p.style_digests.reset(); },
       "style: missing; needed unless style_weight is 0"},
      {[](RenderPatch& p) { p.weights_digest.reset(); }, "weights: missing"},
      {[](RenderPatch& p) { p.init = Initialisation::kImage; },
       "init: missing; the initial picture"},
      {[](RenderPatch& p) {
         p.content_weight = p.style_weight = p.tv_weight = 0;
       },
       "all terms are off"},
      {[](RenderPatch& p) { p.scales = 9; },
       "scales: 9 is not allowed; auto, or from 1 to 8"},
      {[](RenderPatch& p) { p.least_progress = 1; },
       "least_progress: 1 is not allowed; at least 0, less than 1"},
      {[](RenderPatch& p) { p.least_progress = std::nan(""); },
       "least_progress: nan is not allowed"},
      {[](RenderPatch& p) { p.bits = 12; }, "bits: 12 is not allowed; 8 or 16"},
      {[](RenderPatch& p) { p.style_scale = 0; },
       "style_scale: 0 is not allowed; greater than 0, at most 16"},
      {[](RenderPatch& p) { p.style_scale = std::nan(""); },
       "style_scale: nan is not allowed"},
      {[](RenderPatch& p) { p.style_digests = Digests(9); },
       "style: 9 given; at most 8"},
      {[](RenderPatch& p) { p.style_blend = std::vector<double>(9, 1); },
       "style_blend: 9 given; at most 8"},
      {[](RenderPatch& p) { p.style_blend = {-1}; },
       "style_blend: -1 is not allowed; each from 0 to 1e6"},
      {[](RenderPatch& p) { p.style_blend = {0}; },
       "style_blend: all weights are 0; give one above 0"},
      {[](RenderPatch& p) {
         p.style_blend = {1, 2};
       },
       "style_blend: 2 given for 1 style; give one for each"},
      {[](RenderPatch& p) {
         p.style_digests = Digests(2);
         p.style_mask_digests = Digests(1);
       },
       "style_mask: 1 given for 2 styles; give one for each"},
      {[](RenderPatch& p) { p.style_region_digests = Digests(3); },
       "style_region: 3 given for 1 style; give one for each"},
  };
  for (const auto& bad : kCases) {
    SCOPED_TRACE(bad.message);
    RenderPatch patch = WithInputs();
    bad.spoil(patch);
    const absl::Status status = StatusOf(patch);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(bad.message));
  }
}

TEST(ResolveTest, AnUnknownLayerIsRefusedEvenWhereItsTermIsOff) {
  RenderPatch patch = WithInputs();
  patch.style_weight = 0;
  patch.style_layers = {{"conv_77", 1}};
  EXPECT_THAT(StatusOf(patch).message(), HasSubstr("conv_77"));
}

TEST(ResolveTest, BlendWeightsSumToOneAndAreEqualUnlessGiven) {
  RenderPatch patch = WithInputs();
  EXPECT_EQ(Resolve(patch, SmallNetwork())->inputs.styles[0].blend, 1);
  patch.style_digests = Digests(2);
  EXPECT_EQ(Resolve(patch, SmallNetwork())->inputs.styles[1].blend, 0.5);
  patch.style_blend = {3, 1};
  const Render render = Resolve(patch, SmallNetwork()).value();
  EXPECT_THAT(render.inputs.styles,
              ElementsAre(StyleInput{Digests(2)[0], 0.75, "", ""},
                          StyleInput{Digests(2)[1], 0.25, "", ""}));
}

TEST(ResolveTest, AStyleOfNoWeightIsLeftOutWithItsMasks) {
  RenderPatch patch = WithInputs();
  patch.style_digests = Digests(3);
  patch.style_blend = {1, 0, 1};
  patch.style_mask_digests = {"a", "b", ""};
  patch.style_region_digests = {"", "d", "e"};
  EXPECT_THAT(Resolve(patch, SmallNetwork())->inputs.styles,
              ElementsAre(StyleInput{Digests(3)[0], 0.5, "a", ""},
                          StyleInput{Digests(3)[2], 0.5, "", "e"}));
}

TEST(ResolveTest, WithoutAStyleNothingIsScaledOrMatched) {
  RenderPatch patch = WithInputs();
  patch.style_weight = 0;
  patch.style_scale = 2;
  patch.colors = Colors::kMatch;
  const Render render = Resolve(patch, SmallNetwork()).value();
  EXPECT_EQ(render.params.style_scale, 1);
  EXPECT_EQ(render.params.colors, Colors::kStyle);
  patch.colors = Colors::kOriginal;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.colors, Colors::kOriginal);
}

TEST(ResolveTest, TheConventionSaysHowStylesAreCompared) {
  RenderPatch patch = WithInputs();
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.style_loss,
            StyleLoss::kGram);
  patch.convention = Convention::kSpst;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.style_loss,
            StyleLoss::kGramMoments);
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.style_weight, 1);
  patch.style_loss = StyleLoss::kWasserstein;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.style_loss,
            StyleLoss::kWasserstein);
  patch.style_weight = 0;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.style_loss,
            StyleLoss::kGram);
}

TEST(ResolveTest, TheConventionWeighsItsStyleLayers) {
  RenderPatch patch = WithInputs();
  patch.convention = Convention::kCrowson;
  NetworkDescription network = SmallNetwork();
  network.blocks = {{4, 4}, {4, 4}, {4, 4, 4, 4}, {4, 4, 4, 4}, {4}};
  const RenderParams params = Resolve(patch, network)->params;
  EXPECT_EQ(params.style_loss, StyleLoss::kWasserstein);
  double sum = 0;
  for (const LayerWeight& layer : params.style_layers) sum += layer.weight;
  EXPECT_DOUBLE_EQ(sum, 1);
  EXPECT_EQ(params.style_layers[0].tap, "relu1_1");
  EXPECT_DOUBLE_EQ(params.style_layers[0].weight, 256. / 341);
  EXPECT_DOUBLE_EQ(params.style_layers[4].weight, 1. / 341);
  patch.style_layers = {{"relu2_1", 1}};
  EXPECT_EQ(Resolve(patch, network)->params.style_layers, *patch.style_layers);
}

TEST(ResolveTest, OnlyWhatIsDrawnHasASeedAndIsRedrawn) {
  RenderPatch patch = WithInputs();
  patch.seed = 7;
  patch.resample_every = 20;
  for (StyleLoss loss :
       {StyleLoss::kGram, StyleLoss::kGramMoments, StyleLoss::kWasserstein}) {
    patch.style_loss = loss;
    const RenderParams params = Resolve(patch, SmallNetwork())->params;
    EXPECT_EQ(params.seed, 0);
    EXPECT_EQ(params.resample_every, 0);
  }
  for (StyleLoss loss : {StyleLoss::kSlicedWasserstein, StyleLoss::kNearest}) {
    patch.style_loss = loss;
    const RenderParams params = Resolve(patch, SmallNetwork())->params;
    EXPECT_EQ(params.seed, 7);
    EXPECT_EQ(params.resample_every, 20);
  }
}

TEST(ResolveTest, ADrawIsHeldForFiftyIterationsOrAllThereAre) {
  RenderPatch patch = WithInputs();
  patch.style_loss = StyleLoss::kNearest;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.resample_every, 50);
  patch.iterations = 30;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.resample_every, 30);
  patch.resample_every = 31;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.resample_every, 30);
  patch.resample_every.reset();
  patch.iterations = 200;
  patch.least_progress = 0.01;
  EXPECT_EQ(Resolve(patch, SmallNetwork())->params.resample_every, 100);
}

TEST(ResolveTest, WhatALossDoesNotKnowIsRefused) {
  RenderPatch patch = WithInputs();
  patch.style_mask_digests = {"m"};
  for (StyleLoss loss :
       {StyleLoss::kGram, StyleLoss::kGramMoments, StyleLoss::kWasserstein}) {
    patch.style_loss = loss;
    EXPECT_TRUE(Resolve(patch, SmallNetwork()).ok());
  }
  patch.style_loss = StyleLoss::kNearest;
  EXPECT_EQ(Resolve(patch, SmallNetwork()).status().message(),
            "style_mask: is not allowed with style_loss nearest; allowed with "
            "gram, gram-moments, wasserstein");
  patch.style_mask_digests.reset();
  patch.style_region_digests = {"r"};
  EXPECT_THAT(
      Resolve(patch, SmallNetwork()).status().message(),
      HasSubstr("style_region: is not allowed with style_loss nearest"));
  patch.style_region_digests.reset();
  patch.least_progress = 0.01;
  patch.resample_every = 50;
  EXPECT_THAT(Resolve(patch, SmallNetwork()).status().message(),
              HasSubstr("least_progress: 0.01 is not allowed with style_loss "
                        "nearest and resample_every 50"));
  patch.resample_every = 51;
  EXPECT_TRUE(Resolve(patch, SmallNetwork()).ok());
  // One draw for all.
  patch.resample_every = 50;
  patch.iterations = 50;
  EXPECT_TRUE(Resolve(patch, SmallNetwork()).ok());
}

TEST(MergeTest, LaterFieldsReplaceEarlierOnes) {
  RenderPatch base = WithInputs();
  base.iterations = 10;
  base.seed = 1;
  RenderPatch over;
  over.iterations = 20;
  const RenderPatch merged = Merge(base, over);
  EXPECT_EQ(merged.iterations, 20);
  EXPECT_EQ(merged.seed, 1);
  EXPECT_EQ(merged.content_digest, base.content_digest);
}

}  // namespace
}  // namespace atelier
