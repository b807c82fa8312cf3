#include "worker/engine/render.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "worker/engine/noise.h"
#include "worker/engine/objective.h"
#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class RenderTest : public ::testing::Test {
 protected:
  RenderTest() {
    ConfigureTorch(2);
    params_.convention = Convention::kPytorchTutorial;
    params_.iterations = 40;
    params_.content_weight = 1;
    params_.content_layers = {{"conv1_2"}};
    params_.init = Initialisation::kNoise;
    params_.seed = 5;
  }

  absl::StatusOr<RenderResult> Run() {
    const auto vgg = network_.Make(OptionsFor(params_));
    return Render(*vgg, params_, pictures_,
                  [](const CurvePoint&) { return true; });
  }

  const TestNetwork network_{{{12, 16}, {8}}};
  RenderParams params_;
  Pictures pictures_{NoisePicture(15, 17, 50), {{NoisePicture(9, 9, 60)}}, {}};
};

TEST_F(RenderTest, BothOptimizersComeCloserToTheContent) {
  for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    params_.optimizer = optimizer;
    params_.learning_rate = optimizer == Optimizer::kAdam ? 0.05 : 1;
    const auto result = Run();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->outcome, Outcome::kCompleted);
    ASSERT_THAT(result->curve, SizeIs(40));
    EXPECT_LT(result->curve.back().total, 0.05 * result->curve[0].total);
    const at::Tensor noise =
        at::tensor(UniformNoiseValues(5, 3 * 15 * 17)).view({1, 3, 15, 17});
    const auto distance = [&](const at::Tensor& image) {
      return (image - pictures_.content).norm().item<double>();
    };
    EXPECT_LT(distance(result->image), 0.5 * distance(noise));
  }
}

TEST_F(RenderTest, TheSameArgumentsTwiceGiveTheSameBytes) {
  params_.style_weight = 1e3;
  params_.style_layers = {{"relu1_1"}, {"relu2_1"}};
  const auto first = Run();
  const auto second = Run();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(at::equal(first->image, second->image));
  params_.seed = 6;
  EXPECT_FALSE(at::equal(first->image, Run()->image));
}

TEST_F(RenderTest, TheResultIsTheBestImageEvaluated) {
  params_.style_weight = 1e3;
  params_.style_layers = {{"relu1_1"}};
  params_.optimizer = Optimizer::kAdam;
  params_.learning_rate = 0.5;  // So large that it overshoots.
  const auto vgg = network_.Make(OptionsFor(params_));
  double best = INFINITY;
  const auto result =
      Render(*vgg, params_, pictures_, [&best](const CurvePoint& at) {
        const bool better = at.total < best;
        best = std::min(best, at.total);
        return better;
      });
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->outcome, Outcome::kStopped) << "no iteration was worse";
  const auto objective =
      Objective::Make(*vgg, params_, pictures_.content, pictures_.styles);
  const auto at = (*objective)->Evaluate(result->image);
  EXPECT_EQ(at->losses.total.item<double>(), best);
  EXPECT_EQ(result->best.total, best);
  EXPECT_EQ(result->best.iteration, result->curve.back().iteration - 1);
}

TEST_F(RenderTest, OneIterationEvaluatesTheInitialImageAndReturnsIt) {
  params_.iterations = 1;
  params_.init = Initialisation::kContent;
  auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(at::equal(result->image, pictures_.content));
  EXPECT_EQ(result->curve[0].content, 0);

  params_.init = Initialisation::kImage;
  pictures_.init = NoisePicture(15, 17, 70);
  result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(at::equal(result->image, pictures_.init));
}

TEST_F(RenderTest, ALossThatIsNotFiniteEndsTheRenderDiverged) {
  for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    params_.optimizer = optimizer;
    params_.learning_rate = 1e30;
    const auto result = Run();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->outcome, Outcome::kDiverged);
    EXPECT_THAT(result->message, HasSubstr("diverged at iteration "));
    EXPECT_THAT(result->message, HasSubstr("content loss "));
    EXPECT_TRUE(at::isfinite(result->image).all().item<bool>());
    EXPECT_LT(result->curve.size(), 40u);
  }
}

TEST_F(RenderTest, StopsAfterTheIterationTheObserverRefuses) {
  const auto vgg = network_.Make(OptionsFor(params_));
  const auto result =
      Render(*vgg, params_, pictures_,
             [](const CurvePoint& at) { return at.iteration < 3; });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, Outcome::kStopped);
  EXPECT_THAT(result->curve, SizeIs(3));
}

TEST(RuntimeTest, TellsItsLibraries) {
  ConfigureTorch(1);
  EXPECT_FALSE(FindBlas().version.empty());
  EXPECT_THAT(TorchBuild(), HasSubstr("; "));
  EXPECT_FALSE(EngineBuild().empty());
}

}  // namespace
}  // namespace atelier::engine
