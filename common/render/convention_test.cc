#include "common/render/convention.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

TEST(ConventionTest, RowsStandInTheOrderOfTheEnum) {
  for (size_t i = 0; i < AllConventions().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(AllConventions()[i].id), i);
  }
}

TEST(ConventionTest, EveryNameParsesBack) {
  for (const ConventionSpec& row : AllConventions()) {
    EXPECT_EQ(ParseConvention(row.name).value(), row.id);
    EXPECT_EQ(Name(row.id), row.name);
  }
  EXPECT_EQ(ParseOptimizer(Name(Optimizer::kAdam)).value(), Optimizer::kAdam);
  EXPECT_EQ(ParsePooling(Name(Pooling::kAverage)).value(), Pooling::kAverage);
  EXPECT_EQ(ParsePadding(Name(Padding::kReflect)).value(), Padding::kReflect);
  EXPECT_EQ(Name(Initialisation::kNoise), "noise");
}

TEST(ConventionTest, PublishedWeightsAreAsPublished) {
  const struct {
    Convention id;
    double content, style, tv;
  } kPublished[] = {{Convention::kPytorchTutorial, 1, 1e6, 0},
                    {Convention::kGordicaleksa, 1e5, 3e4, 1},
                    {Convention::kNeuralStyle, 5, 100, 1e-3},
                    {Convention::kGatys, 1, 1, 0},
                    {Convention::kSpst, 1, 1, 0},
                    {Convention::kCrowson, .015, 1, 2}};
  for (const auto& row : kPublished) {
    SCOPED_TRACE(Name(row.id));
    EXPECT_EQ(Spec(row.id).content_weight, row.content);
    EXPECT_EQ(Spec(row.id).style_weight, row.style);
    EXPECT_EQ(Spec(row.id).tv_weight, row.tv);
  }
}

TEST(ConventionTest, TheTutorialReadsBeforeTheReluAndTheOthersAfter) {
  EXPECT_THAT(
      Spec(Convention::kPytorchTutorial).style_layers,
      ElementsAre("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"));
  EXPECT_THAT(
      Spec(Convention::kGatys).style_layers,
      ElementsAre("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"));
}

TEST(ConventionTest, ListsAreAsLongAsWhatTheyAreAbout) {
  for (const ConventionSpec& row : AllConventions()) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.pooling_scales.size(), Names(Pooling()).size());
    if (!row.weights_by_loss.empty()) {
      EXPECT_EQ(row.weights_by_loss.size(), Names(StyleLoss()).size());
    }
    if (!row.style_layer_weights.empty()) {
      EXPECT_EQ(row.style_layer_weights.size(), row.style_layers.size());
    }
  }
}

TEST(ConventionTest, EveryLossHasAWeightUnderEveryConvention) {
  for (const ConventionSpec& row : AllConventions()) {
    EXPECT_EQ(StyleWeight(row, row.style_loss), row.style_weight);
    for (size_t i = 0; i < Names(StyleLoss()).size(); ++i) {
      const auto loss = static_cast<StyleLoss>(i);
      EXPECT_EQ(ParseEnum<StyleLoss>("style_loss", Name(loss)).value(), loss);
      EXPECT_GT(StyleWeight(row, loss), 0) << row.name << " " << Name(loss);
    }
  }
}

TEST(ConventionTest, AnUnknownNameIsAnsweredWithTheNearestOrAll) {
  EXPECT_EQ(ParseConvention("gatis").status().message(),
            "convention: 'gatis' is unknown; did you mean 'gatys'?");
  EXPECT_EQ(ParseOptimizer("sgd").status().message(),
            "optimizer: 'sgd' is unknown; allowed: lbfgs, adam");
}

}  // namespace
}  // namespace atelier
