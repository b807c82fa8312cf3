// Renders that a renderer is given at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/small_job_testing.h"
#include "worker/renderer/torch_renderer.h"

namespace atelier::experimental {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Three that may be one batch.
std::vector<RenderJob> ThreeAlike() {
  std::vector<RenderJob> jobs(3, SmallJob());
  for (RenderJob& job : jobs) job.batch_key = "alike";
  jobs[1].params.seed = 8;
  jobs[2].params.style_weight *= 3;
  return jobs;
}

class BatchRendererTest : public ::testing::Test {
 protected:
  BatchRendererTest() {
    options_.threads = 1;
    options_.batch = 4;
  }

  // Renders all in one call. `stop_at` has iterations after which a job stops.
  void Render(const std::vector<RenderJob>& jobs,
              const std::map<int, int>& stop_at = {}) {
    const auto setup = MakeTorchRenderer(options_);
    ASSERT_TRUE(setup.ok()) << setup.status();
    results_.clear();
    results_.resize(jobs.size());
    steps_.clear();
    std::vector<RenderRequest> requests;
    for (size_t i = 0; i < jobs.size(); ++i) {
      requests.push_back({jobs[i],
                          [this, stop_at, i](const LossAt& at) {
                            EXPECT_FALSE(results_[i].has_value());
                            steps_.push_back(static_cast<int>(i));
                            const auto stop = stop_at.find(i);
                            return stop == stop_at.end() ||
                                   at.iteration < stop->second;
                          },
                          [this, i] { return stopped_ == static_cast<int>(i); },
                          [this, i](absl::StatusOr<RenderedImage> result) {
                            EXPECT_FALSE(results_[i].has_value());
                            results_[i] = std::move(result);
                            answered_after_[i] = steps_.size();
                          }});
    }
    setup->renderer->RenderAll(std::move(requests));
    for (const auto& result : results_) ASSERT_TRUE(result.has_value());
  }

  const RenderedImage& Result(int i) {
    EXPECT_TRUE(results_[i]->ok()) << results_[i]->status();
    return **results_[i];
  }

  void ExpectSameAsAlone(const std::vector<RenderJob>& jobs) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      SCOPED_TRACE(i);
      const auto setup = MakeTorchRenderer({"cpu", 1});
      const auto alone =
          setup->renderer->Render(jobs[i], [](const LossAt&) { return true; });
      ASSERT_TRUE(alone.ok()) << alone.status();
      EXPECT_EQ(Result(i).image.rgb, alone->image.rgb);
      EXPECT_EQ(Result(i).best.losses.total, alone->best.losses.total);
    }
  }

  TorchRendererOptions options_;
  int stopped_ = -1;  // A job that need not begin.
  std::vector<std::optional<absl::StatusOr<RenderedImage>>> results_;
  std::map<size_t, size_t> answered_after_;  // By job, so many steps.
  std::vector<int> steps_;                   // Of which job each was.
};

TEST_F(BatchRendererTest, ThoseThatAreAlikeStepTogetherToTheBytesOfEachAlone) {
  std::vector<RenderJob> jobs = ThreeAlike();
  jobs.insert(jobs.begin() + 1, SmallJob());
  jobs[1].content = Waves(17, 24, 0.3f);
  for (RenderJob& job : jobs) job.params.iterations = 3;
  Render(jobs);
  EXPECT_THAT(steps_, ElementsAre(0, 2, 3, 0, 2, 3, 0, 2, 3, 1, 1, 1));
  ExpectSameAsAlone(jobs);
  EXPECT_NE(Result(0).image.rgb, Result(2).image.rgb);
  EXPECT_NE(Result(0).image.rgb, Result(3).image.rgb);
}

TEST_F(BatchRendererTest, EachThatWantsPreviewsHasThem) {
  std::vector<RenderJob> jobs = ThreeAlike();
  std::map<int, std::vector<int>> seen;
  for (const int i : {0, 2}) {
    jobs[i].previews.wanted = [] { return true; };
    jobs[i].previews.take = [&seen, i](int iteration,
                                       const absl::StatusOr<Image>& picture) {
      ASSERT_TRUE(picture.ok()) << picture.status();
      EXPECT_EQ(picture->width_px, 24);
      seen[i].push_back(iteration);
    };
  }
  Render(jobs, {{2, 3}});
  EXPECT_EQ(steps_[1], 1) << "not together";
  EXPECT_THAT(seen[0], ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(seen[1], IsEmpty());
  EXPECT_THAT(seen[2], ElementsAre(1, 2));
}

TEST_F(BatchRendererTest, OneThatIsStoppedBeforeItBeginsDoesNot) {
  stopped_ = 1;
  Render(ThreeAlike());
  EXPECT_EQ(results_[1]->status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(steps_, ElementsAre(0, 2, 0, 2, 0, 2, 0, 2, 0, 2));
}

TEST_F(BatchRendererTest, ABatchHasNoMoreThanItIsAllowed) {
  options_.batch = 2;
  std::vector<RenderJob> jobs = ThreeAlike();
  for (RenderJob& job : jobs) job.params.iterations = 2;
  Render(jobs);
  EXPECT_THAT(steps_, ElementsAre(0, 1, 0, 1, 2, 2));
  ExpectSameAsAlone(jobs);
}

TEST_F(BatchRendererTest, OneThatStopsIsAnsweredWhileTheOthersGoOn) {
  const std::vector<RenderJob> jobs = ThreeAlike();
  Render(jobs, {{1, 2}});
  EXPECT_EQ(Result(1).end, RenderEnd::kStopped);
  EXPECT_EQ(Result(1).iterations, 2);
  EXPECT_EQ(answered_after_[1], 6) << "steps: 0 1 2 0 1 2";
  EXPECT_EQ(Result(0).iterations, 5);
  EXPECT_EQ(Result(2).end, RenderEnd::kCompleted);
}

// From room for one of them to room for all.
TEST_F(BatchRendererTest, ThoseThatDoNotFitTogetherTakeTurns) {
  std::vector<RenderJob> jobs = ThreeAlike();
  for (RenderJob& job : jobs) {
    job.content = Waves(240, 160, 1);
    job.params.iterations = job.params.lbfgs_history = 20;
  }
  bool in_turns = false;
  bool together = false;
  for (int64_t room = 32 << 20; !together; room += 8 << 20) {
    SCOPED_TRACE(room);
    ASSERT_LT(room, 1 << 30);
    options_.memory_limit_bytes = ResidentBytes() + room;
    ASSERT_NO_FATAL_FAILURE(Render(jobs));
    if (absl::IsResourceExhausted(results_[0]->status())) {
      EXPECT_THAT(steps_, IsEmpty());
      continue;
    }
    together = steps_[1] == 1;
    in_turns = in_turns || !together;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Result(i).iterations, 20);
  }
  EXPECT_TRUE(in_turns);
}

TEST_F(BatchRendererTest, AnErrorIsOfTheRenderThatHasIt) {
  std::vector<RenderJob> jobs = ThreeAlike();
  for (RenderJob& job : jobs) {
    job.params.init = Initialisation::kImage;
    job.init = Waves(24, 17, 0.7f);
  }
  jobs.push_back(jobs[0]);
  jobs[1].init.rgb[5] = NAN;
  jobs[3].init = Waves(24, 18, 0.7f);
  jobs[2].resumption.from = [] {
    return std::make_unique<std::istringstream>("damaged");
  };
  Render(jobs);
  EXPECT_EQ(results_[1]->status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(results_[2]->status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(results_[3]->status(),
            absl::InvalidArgumentError(
                "init: 24 x 18 px are not the content's 24 x 17"));
  EXPECT_EQ(Result(0).iterations, 5);
  EXPECT_THAT(steps_, ElementsAre(0, 0, 0, 0, 0));
}

TEST_F(BatchRendererTest, ThoseThatGoOnFromTheSamePlaceDoSoTogether) {
  std::vector<RenderJob> jobs = ThreeAlike();
  Render(jobs);
  const std::vector<float> whole[] = {Result(0).image.rgb, Result(1).image.rgb,
                                      Result(2).image.rgb};
  std::map<int, std::string> kept;
  for (int i = 0; i < 3; ++i) {
    jobs[i].resumption.keep = [&kept, i](const CheckpointToKeep& checkpoint) {
      std::ostringstream out;
      checkpoint.write(out);
      kept[i] = out.str();
    };
  }
  Render(jobs, {{0, 2}, {1, 3}, {2, 2}});
  for (int i = 0; i < 3; ++i) {
    jobs[i].resumption.from = [&kept, i] {
      return std::make_unique<std::istringstream>(kept[i]);
    };
  }
  Render(jobs);
  EXPECT_THAT(steps_, ElementsAre(0, 2, 0, 2, 0, 2, 1, 1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Result(i).image.rgb, whole[i]) << i;
}

class GpuBatchRendererTest : public BatchRendererTest {
 protected:
  void SetUp() override {
    options_.device = "cuda:0";
    const absl::Status here = MakeTorchRenderer(options_).status();
    if (!here.ok()) GTEST_SKIP() << "NOT TESTED: " << here.message();
  }
};

TEST_F(GpuBatchRendererTest, BytesAreTheSameWhoeverIsBeside) {
  const std::vector<RenderJob> jobs = ThreeAlike();
  Render(jobs);
  EXPECT_EQ(steps_[1], 1) << "not together";
  const std::vector<float> beside_others = Result(1).image.rgb;
  Render({jobs[1]});
  EXPECT_EQ(Result(0).image.rgb, beside_others);
}

TEST_F(GpuBatchRendererTest, WhatIsTooLargeForABatchIsRenderedAlone) {
  std::vector<RenderJob> jobs = ThreeAlike();
  for (RenderJob& job : jobs) job.content = Waves(480, 320, 1);
  options_.batch = 1;
  Render({jobs[0]});
  const std::vector<float> alone = Result(0).image.rgb;
  options_.batch = 16;
  bool fits = false;
  for (int64_t limit = 64 << 20; !fits; limit += 16 << 20) {
    ASSERT_LT(limit, int64_t{4} << 30);
    options_.memory_limit_bytes = limit;
    ASSERT_NO_FATAL_FAILURE(Render(jobs));
    fits = results_[0]->ok();
  }
  EXPECT_EQ(steps_[1], 0) << "together";
  EXPECT_EQ(Result(0).image.rgb, alone);
}

TEST_F(BatchRendererTest, ABatchOfNoneIsRefused) {
  options_.batch = 0;
  EXPECT_EQ(MakeTorchRenderer(options_).status(),
            absl::InvalidArgumentError("batch: 0 is not allowed; at least 1"));
}

}  // namespace
}  // namespace atelier::experimental
