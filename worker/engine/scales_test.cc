#include "worker/engine/scales.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "worker/engine/render.h"
#include "worker/engine/render_fixture.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ResizeTest, ShrinkingAveragesAreasAndKeepsTheMean) {
  const at::Tensor picture = NoisePicture(8, 12, 3);
  const at::Tensor half = Shrink(picture, 2);
  ASSERT_EQ(half.sizes(), at::IntArrayRef({1, 3, 4, 6}));
  EXPECT_NEAR(half[0][1][2][3].item<double>(),
              picture[0][1].slice(0, 4, 6).slice(1, 6, 8).mean().item<double>(),
              1e-6);
  EXPECT_TRUE(Shrink(picture, 1).is_same(picture));
  EXPECT_EQ(Shrink(NoisePicture(1, 5, 3), 4).sizes(),
            at::IntArrayRef({1, 3, 1, 1}));
}

// Torch's bicubic kernel, of a = -0.75, has ripples of a twentieth of a step.
TEST(ResizeTest, EnlargingKeepsARampInItsPlace) {
  const at::Tensor ramp =
      at::arange(8, at::kFloat).view({1, 1, 1, 8}).expand({1, 3, 6, 8});
  const at::Tensor larger = Enlarge(ramp, 12, 16);
  for (int i = 4; i < 12; ++i) {
    EXPECT_NEAR(larger[0][0][5][i].item<double>(), (i + 0.5) / 2 - 0.5, 0.05);
  }
}

class ScalesTest : public RenderFixture {
 protected:
  ScalesTest() {
    AddStyle();
    params_.scales = 2;
  }
};

TEST_F(ScalesTest, TheCurveTellsTheScaleAndTheResultHasTheFullSize) {
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_THAT(result->curve, SizeIs(40));
  for (const CurvePoint& at : result->curve) {
    EXPECT_EQ(at.scale, at.iteration <= 20 ? 1 : 2) << at.iteration;
  }
  EXPECT_EQ(result->best.scale, 2);
  EXPECT_EQ(result->image.sizes(), pictures_.content.sizes());
}

TEST_F(ScalesTest, AScaleStartsFromTheLastOnesBest) {
  const auto both = Run();
  ASSERT_TRUE(both.ok()) << both.status();
  // The coarse scale alone, and its result as where a render starts.
  const auto stopped = RunObserved([](const CurvePoint& at) {
    return at.iteration == 20 ? Order::kStop : Order::kGoOn;
  });
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_EQ(stopped->best.scale, 1);
  params_.scales = 1;
  params_.init = Initialisation::kImage;
  pictures_.init = stopped->image;
  const auto fine = Run();
  ASSERT_TRUE(fine.ok()) << fine.status();
  EXPECT_EQ(both->curve[20].total, fine->curve[0].total);
}

// Only the content counts, and it is where the render starts: no scale has
// anything to do, and none may take the detail away that it does not see.
TEST_F(ScalesTest, WhatACoarseScaleDoesNotSeeIsNotLost) {
  params_.style_weight = 0;
  for (const auto init : {Initialisation::kContent, Initialisation::kImage}) {
    params_.init = init;
    pictures_.init = pictures_.content;
    const auto result = Run();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_LT(result->curve[20].total, 1e-9);
    EXPECT_TRUE(at::allclose(result->image, pictures_.content, 1e-5, 1e-5));
  }
}

TEST_F(ScalesTest, ACoarsePictureTooSmallForTheNetworkIsRefusedWithItsScale) {
  params_.scales = 5;
  const absl::Status status = Run().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("scales: at 1/16 of the size: content: "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 1, 1]"));
}

}  // namespace
}  // namespace atelier::engine
