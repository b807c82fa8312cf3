#include "worker/engine/render.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "worker/engine/noise.h"
#include "worker/engine/objective.h"
#include "worker/engine/render_fixture.h"
#include "worker/engine/runtime.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using RenderTest = RenderFixture;

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
  AddStyle();
  const auto first = Run();
  const auto second = Run();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(at::equal(first->image, second->image));
  params_.seed = 6;
  EXPECT_FALSE(at::equal(first->image, Run()->image));
}

TEST_F(RenderTest, WhoLooksOnSeesWhatItWouldEndWithAndChangesNothing) {
  AddStyle();
  params_.scales = 2;
  const auto unseen = Run();
  std::vector<at::Tensor> seen;
  RenderHooks hooks;
  hooks.show = [&seen](int iteration, const at::Tensor& image) {
    EXPECT_EQ(iteration, static_cast<int>(seen.size()) + 1);
    seen.push_back(image.clone());
  };
  const auto shown = Run(hooks);
  ASSERT_TRUE(unseen.ok()) << unseen.status();
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_TRUE(at::equal(unseen->image, shown->image));
  ASSERT_THAT(seen, SizeIs(39)) << "the last is the result";
  EXPECT_EQ(seen[0].size(3), 9) << "of the coarse scale";

  // One that stops there ends with what was shown.
  const int cut = 30;
  const auto stopped = RunObserved([](const CurvePoint& at) {
    return at.iteration == cut ? Order::kStop : Order::kGoOn;
  });
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_TRUE(at::equal(stopped->image, seen[cut - 1]));
}

TEST_F(RenderTest, LetsGoOfThePicturesOnceTheLastScaleHasItsTargets) {
  AddStyle();
  params_.scales = 2;
  const auto vgg = network_.Make(OptionsFor(params_));
  const c10::weak_intrusive_ptr<c10::TensorImpl> style(
      pictures_.styles[0].picture.getIntrusivePtr());
  RenderHooks hooks;
  hooks.observe = [&style](const CurvePoint& at) {
    EXPECT_EQ(style.expired(), at.scale == 2) << at.iteration;
    return Order::kGoOn;
  };
  EXPECT_TRUE(Render(*vgg, params_, std::move(pictures_), hooks).ok());
}

TEST_F(RenderTest, TheResultIsTheBestImageEvaluated) {
  params_.style_weight = 1e3;
  params_.style_layers = {{"relu1_1"}};
  params_.optimizer = Optimizer::kAdam;
  params_.learning_rate = 0.5;  // So large that it overshoots.
  double best = INFINITY;
  const auto result = RunObserved([&best](const CurvePoint& at) {
    const bool better = at.total < best;
    best = std::min(best, at.total);
    return better ? Order::kGoOn : Order::kStop;
  });
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->outcome, Outcome::kStopped) << "no iteration was worse";
  const auto vgg = network_.Make(OptionsFor(params_));
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
  EXPECT_EQ(result->curve[0].terms["content"], 0);

  params_.init = Initialisation::kImage;
  pictures_.init = NoisePicture(15, 17, 70);
  result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(at::equal(result->image, pictures_.init));
}

// A step so long that its losses overflow, at the rate asked for and at a
// tenth, a hundredth and a thousandth of it.
TEST_F(RenderTest, GoesBackThreeTimesBeforeItEndsDiverged) {
  for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    params_.optimizer = optimizer;
    params_.learning_rate = 1e30;
    const auto result = Run();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->outcome, Outcome::kDiverged);
    EXPECT_FALSE(result->stopped_early);
    int not_finite = 0;
    for (const CurvePoint& at : result->curve) {
      not_finite += std::isfinite(at.total) ? 0 : 1;
    }
    EXPECT_EQ(not_finite, 1 + kMaxRestarts);
    EXPECT_THAT(result->message, HasSubstr("diverged at iteration "));
    EXPECT_THAT(result->message, HasSubstr(" of 40: content loss "));
    EXPECT_THAT(result->message,
                HasSubstr("went back 3 times to the best, iteration 1: "));
    EXPECT_TRUE(at::isfinite(result->image).all().item<bool>());
  }
}

TEST_F(RenderTest, AfterARestartShorterStepsComeToTheEnd) {
  params_.optimizer = Optimizer::kAdam;
  // Hundreds away from [0,1] in ten steps; at a tenth of that it comes back.
  params_.learning_rate = 60;
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, Outcome::kCompleted) << result->message;
  ASSERT_THAT(result->curve, SizeIs(40));
  EXPECT_GT(result->curve[kExplosionPatience].total,
            kExplosion * result->curve[0].total);
  EXPECT_EQ(result->curve[kExplosionPatience + 1].total,
            result->curve[0].total);
}

TEST_F(RenderTest, StopsAfterTheIterationTheObserverRefuses) {
  const auto result = RunObserved([](const CurvePoint& at) {
    return at.iteration < 3 ? Order::kGoOn : Order::kStop;
  });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, Outcome::kStopped);
  EXPECT_THAT(result->curve, SizeIs(3));
}

TEST_F(RenderTest, EndsEarlyOnceProgressIsLessThanAskedFor) {
  params_.iterations = 400;
  params_.least_progress = 0.05;
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome, Outcome::kCompleted);
  EXPECT_TRUE(result->stopped_early);
  const int end = result->curve.back().iteration;
  EXPECT_GT(end, kProgressWindow);
  EXPECT_LT(end, 400);
  const auto best_until = [&result](int iteration) {
    double best = INFINITY;
    for (int i = 0; i < iteration; ++i) {
      best = std::min(best, result->curve[i].total);
    }
    return best;
  };
  EXPECT_GE(best_until(end), 0.95 * best_until(end - kProgressWindow));
  EXPECT_LT(best_until(end - 1), 0.95 * best_until(end - 1 - kProgressWindow));

  params_.least_progress = 0;
  const auto whole = Run();
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_FALSE(whole->stopped_early);
  EXPECT_THAT(whole->curve, SizeIs(400));
}

TEST(RuntimeTest, TellsItsLibraries) {
  ConfigureTorch(1);
  EXPECT_FALSE(FindBlas().version.empty());
  EXPECT_THAT(TorchBuild(), HasSubstr("; "));
  EXPECT_FALSE(EngineBuild().empty());
}

}  // namespace
}  // namespace atelier::engine
