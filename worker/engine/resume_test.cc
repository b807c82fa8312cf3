// A render however it is cut up.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "worker/engine/render.h"
#include "worker/engine/render_fixture.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Case {
  const char* name;
  Optimizer optimizer = Optimizer::kLbfgs;
  double learning_rate = 1;
  int scales = 1;
  int history = 10;
  StyleLoss loss = StyleLoss::kGram;
  int resample_every = 0;
};

class ResumeTest : public RenderFixture {
 protected:
  ResumeTest() {
    params_.iterations = 100;
    AddStyle();
    pictures_ = {NoisePicture(17, 22, 50), {{NoisePicture(16, 13, 60)}}, {}};
  }

  void Use(const Case& tested) {
    params_.optimizer = tested.optimizer;
    params_.learning_rate = tested.learning_rate;
    params_.scales = tested.scales;
    params_.lbfgs_history = tested.history;
    params_.style_loss = tested.loss;
    params_.resample_every = tested.resample_every;
  }

  // The state after so many iterations, taken in passing.
  Checkpoint At(int iteration) const {
    std::vector<Checkpoint> kept;
    RenderHooks hooks;
    hooks.observe = [iteration](const CurvePoint& at) {
      return at.iteration == iteration ? Order::kCheckpoint : Order::kGoOn;
    };
    hooks.keep = [&kept](const Checkpoint& state) {
      kept.push_back(Copied(state));
    };
    EXPECT_TRUE(Run(hooks).ok());
    EXPECT_EQ(kept.size(), 2u) << "that asked for, and the end";
    return kept.front();
  }

  absl::StatusOr<RenderResult> ResumeFrom(Checkpoint state) const {
    RenderHooks hooks;
    state = Copied(state);  // What is resumed from is changed.
    hooks.resume = &state;
    return Run(hooks);
  }

  static void ExpectSameEnd(const RenderResult& whole,
                            const RenderResult& resumed) {
    EXPECT_EQ(whole.outcome, resumed.outcome);
    EXPECT_EQ(whole.message, resumed.message);
    EXPECT_EQ(whole.stopped_early, resumed.stopped_early);
    EXPECT_EQ(whole.best.iteration, resumed.best.iteration);
    EXPECT_EQ(whole.best.total, resumed.best.total);
    EXPECT_TRUE(at::equal(whole.image, resumed.image));
    const size_t before = whole.curve.size() - resumed.curve.size();
    for (size_t i = 0; i < resumed.curve.size(); ++i) {
      EXPECT_EQ(whole.curve[before + i].iteration, resumed.curve[i].iteration);
      EXPECT_EQ(whole.curve[before + i].scale, resumed.curve[i].scale);
      EXPECT_EQ(whole.curve[before + i].total, resumed.curve[i].total);
    }
  }
};

class EachResumeTest : public ResumeTest,
                       public ::testing::WithParamInterface<Case> {};

TEST_P(EachResumeTest, AHundredIterationsAreSixtyAndAResumeOfForty) {
  Use(GetParam());
  const auto whole = Run();
  ASSERT_TRUE(whole.ok()) << whole.status();
  for (int cut : {1, 33, 60, 99, 100}) {
    SCOPED_TRACE(cut);
    const auto resumed = ResumeFrom(At(cut));
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_THAT(resumed->curve, SizeIs(100 - cut));
    ExpectSameEnd(*whole, *resumed);
  }
}

TEST_P(EachResumeTest, StoppedAndResumedTwiceIsTheSameRender) {
  Use(GetParam());
  const auto whole = Run();
  ASSERT_TRUE(whole.ok()) << whole.status();
  Checkpoint state;
  RenderHooks hooks;
  hooks.keep = [&state](const Checkpoint& kept) { state = Copied(kept); };
  for (int stop : {20, 70}) {
    hooks.observe = [stop](const CurvePoint& at) {
      return at.iteration == stop ? Order::kStop : Order::kGoOn;
    };
    const auto part = Run(hooks);
    ASSERT_TRUE(part.ok()) << part.status();
    EXPECT_EQ(part->outcome, Outcome::kStopped);
    EXPECT_EQ(part->image.sizes(), pictures_.content.sizes());
    hooks.resume = &state;
  }
  const auto resumed = ResumeFrom(state);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  ExpectSameEnd(*whole, *resumed);
}

INSTANTIATE_TEST_SUITE_P(
    All, EachResumeTest,
    ::testing::Values(
        Case{"Lbfgs"}, Case{"LongHistory", {}, 1, 1, 100},
        Case{"Adam", Optimizer::kAdam, 0.02}, Case{"LbfgsScales", {}, 1, 3, 20},
        Case{"AdamScales", Optimizer::kAdam, 0.02, 3},
        // Restarts after iteration 11 and on.
        Case{"Wasserstein", {}, 1, 1, 10, StyleLoss::kWasserstein},
        // Redrawn where it is cut, and elsewhere.
        Case{"Sliced", {}, 1, 1, 10, StyleLoss::kSlicedWasserstein, 20},
        Case{"Nearest", {}, 1, 1, 10, StyleLoss::kNearest, 33},
        Case{"NearestOverScales", Optimizer::kAdam, 0.02, 3, 10,
             StyleLoss::kNearest, 25},
        Case{"Restarts", Optimizer::kAdam, 60},
        Case{"RestartsOverScales", Optimizer::kAdam, 60, 2}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(ResumeTest, TheCasesWithRestartsHaveThem) {
  Use({"", Optimizer::kAdam, 60});
  EXPECT_GT(At(60).progress.restarts, 0);
}

TEST_F(ResumeTest, ARedrawGoesOnFromTheBestImageAndForgetsTheRest) {
  Use({"", {}, 1, 1, 10, StyleLoss::kSlicedWasserstein, 40});
  const auto whole = Run();
  ASSERT_TRUE(whole.ok()) << whole.status();
  const Checkpoint before = At(40);
  const auto vgg = network_.Make(OptionsFor(params_));
  const auto objective =
      Objective::Make(*vgg, params_, pictures_.content, pictures_.styles)
          .value();
  objective->Redraw(1);
  EXPECT_EQ(
      whole->curve[40].total,
      objective->Evaluate(before.best).value().losses.total.item<float>());
  // The least loss of the draws before may be lower still.
  EXPECT_GT(whole->best.iteration, 80);
  EXPECT_EQ(whole->best.total,
            std::min_element(whole->curve.begin() + 80, whole->curve.end(),
                             [](const CurvePoint& a, const CurvePoint& b) {
                               return a.total < b.total;
                             })
                ->total);
}

TEST_F(ResumeTest, ALongerRenderGoesOnFromAShorterOnesEnd) {
  const auto whole = Run();
  params_.iterations = 60;
  const Checkpoint end = At(60);
  params_.iterations = 100;
  const auto resumed = ResumeFrom(end);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  ExpectSameEnd(*whole, *resumed);
}

TEST_F(ResumeTest, WhatEndedEarlyDoesNotGoOnForMoreIterations) {
  params_.iterations = 400;
  params_.least_progress = 0.3;
  Checkpoint state;
  RenderHooks hooks;
  hooks.keep = [&state](const Checkpoint& kept) { state = Copied(kept); };
  const auto whole = Run(hooks);
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_TRUE(whole->stopped_early);
  params_.iterations = 500;
  const auto resumed = ResumeFrom(state);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_THAT(resumed->curve, SizeIs(0));
  ExpectSameEnd(*whole, *resumed);
}

// 60 iterations over two scales are 30 and 30, 100 are 50 and 50, but 300 are
// 100 and 200, and 900 are 100 and 800.
TEST_F(ResumeTest, AnotherSplitIntoScalesIsRefused) {
  params_.scales = 2;
  params_.iterations = 60;
  const Checkpoint end = At(60);
  EXPECT_THAT(end.scale_ends, ElementsAre(30));
  params_.iterations = 100;
  const absl::Status status = ResumeFrom(end).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("iteration 60 after scales that ended at [30] is not "
                        "on the way of 100 iterations over 2 scales, which end "
                        "at [50, 100]"));

  params_.iterations = 60;
  const Checkpoint first_scale = At(25);
  params_.iterations = 100;
  const auto whole = Run();
  ASSERT_TRUE(whole.ok()) << whole.status();
  const auto resumed = ResumeFrom(first_scale);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  ExpectSameEnd(*whole, *resumed);

  params_.iterations = 20;
  EXPECT_EQ(ResumeFrom(first_scale).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(ResumeTest, AnotherRendersCheckpointIsRefusedByField) {
  const Checkpoint good = At(20);
  const std::pair<const char*, std::function<void(Checkpoint&)>> cases[] = {
      {"has image of Float [1, 3, 17, 21] where there should be image of Float "
       "[1, 3, 17, 22]",
       [](Checkpoint& at) {
         at.image = at::zeros({1, 3, 17, 21});
       }},
      {"has best of Double [1, 3, 17, 22] where there should be best of Float",
       [](Checkpoint& at) { at.best = at.best.to(at::kDouble); }},
      {"image is missing", [](Checkpoint& at) { at.image = at::Tensor(); }},
      {"has mean of Float [1] where there should be kept values",
       [](Checkpoint& at) {
         at.optimizer = {{"mean", at::zeros({1})}};
       }},
      {"ends where there should be pair 9 change",
       [](Checkpoint& at) { at.optimizer.resize(at.optimizer.size() - 2); }},
      {"7 restarts", [](Checkpoint& at) { at.progress.restarts = 7; }},
      {"10 exploded", [](Checkpoint& at) { at.progress.exploded = 10; }},
      {"a window of 52", [](Checkpoint& at) { at.progress.window.resize(52); }},
      {"iteration -1", [](Checkpoint& at) { at.iteration = -1; }},
      {"scales that ended at [2, 1]",
       [](Checkpoint& at) {
         at.scale_ends = {2, 1};
       }},
  };
  for (const auto& [expected, damage] : cases) {
    SCOPED_TRACE(expected);
    Checkpoint odd = good;
    damage(odd);
    const absl::Status status = ResumeFrom(odd).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(expected));
  }
}

}  // namespace
}  // namespace atelier::engine
