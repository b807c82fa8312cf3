// Renders that step as one batch, against each of them alone.
#include "worker/engine/experimental/batch_render.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "worker/engine/render.h"
#include "worker/engine/render_fixture.h"

namespace atelier::engine::experimental {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// On a CPU, where images are evaluated one after the other, to the bit.

class BatchTest : public RenderFixture {
 protected:
  BatchTest() { AddStyle(); }

  std::unique_ptr<Network> MakeNetwork() const {
    return network_.Make(OptionsFor(params_));
  }

  absl::StatusOr<std::vector<RenderResult>> RunBatch(
      BatchHooks hooks = {}) const {
    if (!hooks.observe) {
      hooks.observe = [](int, const CurvePoint&) { return Order::kGoOn; };
    }
    std::vector<RenderResult> results(batch_.rows.size());
    hooks.ended = [&results](int image, RenderResult result) {
      EXPECT_EQ(results[image].iterations, 0) << "ended before";
      results[image] = std::move(result);
    };
    const auto vgg = MakeNetwork();
    RETURN_IF_ERROR(RenderBatch(*vgg, params_, pictures_, batch_, hooks));
    return results;
  }

  absl::StatusOr<RenderResult> RunAlone(const BatchRow& row) {
    params_.seed = row.seed;
    if (row.weights.has_value()) {
      params_.content_weight = (*row.weights)["content"];
      params_.style_weight = (*row.weights)["style"];
      params_.tv_weight = (*row.weights)["total_variation"];
    }
    pictures_.init = row.init;
    return Run();
  }

  static void ExpectSame(const RenderResult& one, const RenderResult& other) {
    EXPECT_EQ(one.outcome, other.outcome);
    EXPECT_EQ(one.stopped_early, other.stopped_early);
    ASSERT_EQ(one.curve.size(), other.curve.size());
    for (size_t i = 0; i < one.curve.size(); ++i) {
      EXPECT_EQ(one.curve[i].total, other.curve[i].total);
    }
    EXPECT_TRUE(at::equal(one.image, other.image));
  }

  // Of the batch's image `i` and its render alone.
  void ExpectSameAsAlone(const std::vector<RenderResult>& batch, size_t i) {
    SCOPED_TRACE(i);
    const auto alone = RunAlone(batch_.rows[i]);
    ASSERT_TRUE(alone.ok()) << alone.status();
    ExpectSame(batch[i], *alone);
  }

  using Checkpoints = std::map<int, Checkpoint>;  // By image.

  // What is kept of the batch where each image stops after so many iterations.
  Checkpoints StopAt(std::function<int(int image)> iterations) const {
    Checkpoints kept;
    BatchHooks hooks;
    hooks.observe = [&](int image, const CurvePoint& at) {
      return at.iteration == iterations(image) ? Order::kStop : Order::kGoOn;
    };
    hooks.keep = [&kept](int image, const Checkpoint& state) {
      kept[image] = Copied(state);
    };
    EXPECT_TRUE(RunBatch(hooks).ok());
    return kept;
  }
  Checkpoints StopAllAt(int iteration) const {
    return StopAt([iteration](int) { return iteration; });
  }

  void UseOptimizer(Optimizer optimizer) {
    params_.optimizer = optimizer;
    params_.learning_rate = optimizer == Optimizer::kAdam ? 0.05 : 1;
    params_.scales = 2;
  }

  Batch batch_{{{5}, {6}, {7}, {8}}};
};

TEST_F(BatchTest, ABatchOfFourGivesTheFourSingleResults) {
  for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    UseOptimizer(optimizer);
    const auto batch = RunBatch();
    ASSERT_TRUE(batch.ok()) << batch.status();
    ASSERT_THAT(*batch, SizeIs(4));
    for (size_t i = 0; i < 4; ++i) ExpectSameAsAlone(*batch, i);
    EXPECT_FALSE(at::equal((*batch)[0].image, (*batch)[1].image));
  }
}

TEST_F(BatchTest, EachImageIsShownAsItIsAloneWhileItGoesOn) {
  batch_.rows.resize(2);
  batch_.rows[1].seed = 11;
  std::map<int, std::vector<at::Tensor>> seen;
  BatchHooks hooks;
  hooks.observe = [](int image, const CurvePoint& at) {
    return image == 0 && at.iteration == 10 ? Order::kStop : Order::kGoOn;
  };
  hooks.show = [&seen](int image, int iteration, const at::Tensor& picture) {
    seen[image].push_back(picture.clone());
    EXPECT_EQ(iteration, static_cast<int>(seen[image].size()));
  };
  const auto batch = RunBatch(hooks);
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_THAT(seen[0], SizeIs(9));
  ASSERT_THAT(seen[1], SizeIs(39));
  ExpectSameAsAlone(*batch, 1);
  std::vector<at::Tensor> alone;
  RenderHooks hooks_alone;
  hooks_alone.show = [&alone](int, const at::Tensor& picture) {
    alone.push_back(picture.clone());
  };
  EXPECT_TRUE(Run(hooks_alone).ok());
  ASSERT_THAT(alone, SizeIs(39));
  for (int i = 0; i < 39; ++i) EXPECT_TRUE(at::equal(seen[1][i], alone[i]));
}

TEST_F(BatchTest, EachImageHasWeightsOfItsOwn) {
  batch_.rows = {{5, {}, Weights(1, 1e3, 0)},
                 {5, {}, Weights(1, 4e3, 0)},
                 {5, {}, Weights(0, 1e3, 1e-3)}};
  const auto batch = RunBatch();
  ASSERT_TRUE(batch.ok()) << batch.status();
  for (size_t i = 0; i < 3; ++i) ExpectSameAsAlone(*batch, i);
  EXPECT_FALSE(at::equal((*batch)[0].image, (*batch)[1].image));
}

// Drawn from the seed that all have in common.
TEST_F(BatchTest, WhatALossDrawsIsDrawnForAll) {
  params_.seed = 5;
  params_.resample_every = 15;
  params_.scales = 2;
  batch_.rows = {{5, {}, Weights(1, 1e3, 0)}, {5, {}, Weights(1, 4e3, 0)}};
  for (StyleLoss loss : {StyleLoss::kSlicedWasserstein, StyleLoss::kNearest}) {
    params_.style_loss = loss;
    const auto batch = RunBatch();
    ASSERT_TRUE(batch.ok()) << batch.status();
    for (size_t i = 0; i < 2; ++i) ExpectSameAsAlone(*batch, i);
    EXPECT_FALSE(at::equal((*batch)[0].image, (*batch)[1].image));
  }
}

// What a GPU does with a batch that is not full, or not any more.
TEST_F(BatchTest, RowsThatStayUnreadAreSeenByNobody) {
  batch_.rows.resize(2);
  batch_.width = 4;
  std::map<int, int> last;
  BatchHooks hooks;
  hooks.observe = [&last](int image, const CurvePoint& at) {
    last[image] = at.iteration;
    return image == 0 && at.iteration == 7 ? Order::kStop : Order::kGoOn;
  };
  const auto batch = RunBatch(hooks);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(last, ::testing::ElementsAre(::testing::Pair(0, 7),
                                           ::testing::Pair(1, 40)));
  EXPECT_EQ((*batch)[0].outcome, Outcome::kStopped);
  EXPECT_THAT((*batch)[0].curve, SizeIs(7));
  ExpectSameAsAlone(*batch, 1);
}

TEST_F(BatchTest, ImagesStartFromTheirOwnPictures) {
  params_.init = Initialisation::kImage;
  params_.iterations = 1;
  batch_.rows = {{0, NoisePicture(15, 17, 1)}, {0, NoisePicture(15, 17, 2)}};
  const auto batch = RunBatch();
  ASSERT_TRUE(batch.ok()) << batch.status();
  for (size_t i = 0; i < batch_.rows.size(); ++i) {
    EXPECT_TRUE(at::equal((*batch)[i].image, batch_.rows[i].init));
  }
  batch_.rows[1].init = NoisePicture(15, 18, 2);
  const absl::Status status = RunBatch().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 15, 18]"));
}

TEST_F(BatchTest, OneThatDivergesDoesNotDisturbTheOthers) {
  params_.init = Initialisation::kImage;
  const at::Tensor good = NoisePicture(15, 17, 1);
  // Its squared features overflow: no loss of it is ever finite.
  batch_.rows = {{0, good}, {0, at::full_like(good, 1e25)}, {0, good * 0.5}};
  const auto batch = RunBatch();
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ((*batch)[1].outcome, Outcome::kDiverged);
  EXPECT_THAT((*batch)[1].curve, SizeIs(1));
  EXPECT_THAT((*batch)[1].message, HasSubstr("no loss was finite"));
  for (const size_t i : {0, 2}) ExpectSameAsAlone(*batch, i);
}

TEST_F(BatchTest, EachEndsOnItsOwn) {
  BatchHooks hooks;
  std::map<int, int> last;
  hooks.observe = [&last](int image, const CurvePoint& at) {
    last[image] = at.iteration;
    return at.iteration == 10 * (image + 1) ? Order::kStop : Order::kGoOn;
  };
  const auto batch = RunBatch(hooks);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_THAT(last, ::testing::ElementsAre(
                        ::testing::Pair(0, 10), ::testing::Pair(1, 20),
                        ::testing::Pair(2, 30), ::testing::Pair(3, 40)));
  EXPECT_EQ((*batch)[2].outcome, Outcome::kStopped);
  // Told to stop at its end: the same picture, by another name.
  const auto alone = RunAlone(batch_.rows[3]);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_TRUE(at::equal((*batch)[3].image, alone->image));
}

TEST_F(BatchTest, ACheckpointOfABatchIsOneOfARender) {
  Checkpoints kept = StopAllAt(25);
  ASSERT_THAT(kept, SizeIs(4));
  const auto alone = RunAlone(batch_.rows[2]);
  RenderHooks resumed_hooks;
  resumed_hooks.resume = &kept[2];
  const auto resumed = Run(resumed_hooks);
  ASSERT_TRUE(alone.ok()) << alone.status();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(at::equal(resumed->image, alone->image));
}

TEST_F(BatchTest, RendersThatStoppedTogetherGoOnAsABatch) {
  for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    UseOptimizer(optimizer);
    Checkpoints kept = StopAllAt(25);
    const auto whole = RunBatch();
    for (auto& [image, state] : kept) batch_.rows[image].resume = &state;
    const auto resumed = RunBatch();
    for (BatchRow& row : batch_.rows) row.resume = nullptr;
    ASSERT_TRUE(whole.ok()) << whole.status();
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    for (size_t i = 0; i < batch_.rows.size(); ++i) {
      EXPECT_THAT((*resumed)[i].curve, SizeIs(15));
      EXPECT_TRUE(at::equal((*resumed)[i].image, (*whole)[i].image)) << i;
    }
  }
}

TEST_F(BatchTest, RowsThatStayUnreadAreSeenByNobodyAfterAResume) {
  params_.scales = 2;
  batch_.rows.resize(2);
  batch_.width = 4;
  const auto whole = RunBatch();
  Checkpoints kept = StopAt([](int image) { return image == 0 ? 3 : 25; });
  batch_.rows[1].resume = &kept[1];
  batch_.rows.erase(batch_.rows.begin());
  const auto resumed = RunBatch();
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  EXPECT_TRUE(at::equal((*resumed)[0].image, (*whole)[1].image));
}

TEST_F(BatchTest, ACheckpointOfOneIsKeptOfAll) {
  BatchHooks hooks;
  std::map<int, std::vector<int>> kept;
  hooks.observe = [](int image, const CurvePoint& at) {
    return image == 1 && at.iteration == 7 ? Order::kCheckpoint : Order::kGoOn;
  };
  hooks.keep = [&kept](int image, const Checkpoint& state) {
    kept[image].push_back(state.iteration);
  };
  ASSERT_TRUE(RunBatch(hooks).ok());
  ASSERT_THAT(kept, SizeIs(4));
  for (const auto& [image, iterations] : kept) {
    EXPECT_THAT(iterations, ::testing::ElementsAre(7, 40)) << image;
  }
}

TEST_F(BatchTest, OptimizersThatAreNotAlikeDoNotGoOnTogether) {
  Checkpoints kept = StopAllAt(5);
  kept[2].optimizer.pop_back();
  for (auto& [image, state] : kept) batch_.rows[image].resume = &state;
  const absl::Status status = RunBatch().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("in its batch"));
}

// As a device evaluates them: at once, and within rounding of each alone.
TEST_F(BatchTest, AnObjectiveScoresTheImagesOfABatchLikeEachAlone) {
  const auto vgg = MakeNetwork();
  const auto objective =
      Objective::Make(*vgg, params_, pictures_.content, pictures_.styles);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const at::Tensor images =
      at::cat({NoisePicture(15, 17, 1), NoisePicture(15, 17, 2),
               NoisePicture(15, 17, 3), NoisePicture(15, 17, 4)});
  const std::vector<TermWeights> weights = {
      Weights(1, 1e3, 0), Weights(2, 1e3, 1e-2), Weights(0, 5e3, 0),
      Weights(1, 0, 1)};
  const auto together =
      (*objective)->Evaluate(images, FactorsOf(weights, at::kCPU));
  ASSERT_TRUE(together.ok()) << together.status();
  for (int64_t row = 0; row < 4; ++row) {
    const auto alone = (*objective)
                           ->Evaluate(images.narrow(0, row, 1),
                                      FactorsOf({weights[row]}, at::kCPU));
    ASSERT_TRUE(alone.ok()) << alone.status();
    const double total = alone->losses.total.item<double>();
    EXPECT_NEAR(together->losses.total[row].item<double>(), total,
                1e-5 * total);
    EXPECT_LE((together->gradient[row] - alone->gradient[0])
                  .abs()
                  .max()
                  .item<double>(),
              1e-5 * alone->gradient.abs().max().item<double>());
  }
}

}  // namespace
}  // namespace atelier::engine::experimental
