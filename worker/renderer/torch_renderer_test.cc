#include "worker/renderer/torch_renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/small_job_testing.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

TorchRendererSetup MakeOnCpu(int threads = 1) {
  auto setup = MakeTorchRenderer({"cpu", threads});
  EXPECT_TRUE(setup.ok()) << setup.status();
  return *std::move(setup);
}

bool Continue(const LossAt&) { return true; }

TEST(TorchRendererTest, RendersThePictureOfTheContentsSizeAndTellsEachLoss) {
  const TorchRendererSetup setup = MakeOnCpu();
  std::vector<int> seen;
  const auto rendered =
      setup.renderer->Render(SmallJob(), [&seen](const LossAt& at) {
        seen.push_back(at.iteration);
        return true;
      });
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->end, RenderEnd::kCompleted);
  EXPECT_EQ(rendered->image.width_px, 24);
  EXPECT_EQ(rendered->image.height_px, 17);
  EXPECT_THAT(rendered->image.rgb, SizeIs(3 * 24 * 17));
  EXPECT_THAT(seen, ::testing::ElementsAre(1, 2, 3, 4, 5));
  ASSERT_THAT(rendered->curve, SizeIs(5));
  EXPECT_LT(rendered->curve.back().losses.total,
            rendered->curve.front().losses.total);
  EXPECT_GT(rendered->timings.planning, absl::ZeroDuration());
  EXPECT_GT(rendered->timings.targets, absl::ZeroDuration());
  EXPECT_GT(rendered->timings.iterations, absl::ZeroDuration());
}

TEST(TorchRendererTest, TheSameJobTwiceGivesTheSameBytes) {
  const RenderJob job = SmallJob();
  const auto first = MakeOnCpu(2).renderer->Render(job, Continue);
  const TorchRendererSetup again = MakeOnCpu(2);
  RenderJob other = job;
  other.params.pooling = Pooling::kMax;
  other.params.style_layers = {{"relu3_1"}};
  ASSERT_TRUE(again.renderer->Render(other, Continue).ok());
  const auto second = again.renderer->Render(job, Continue);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->image.rgb, second->image.rgb);
}

// Neighbours in a sweep, and what is alike but not the same.
TEST(TorchRendererTest, KeptTargetsChangeNoByte) {
  std::vector<RenderJob> jobs(18, SmallJob());
  jobs[1].params.style_weight = 5e4;
  jobs[2].params.scales = 2;
  jobs[3].params.convention = Convention::kPytorchTutorial;
  jobs[4].content.rgb[5] += 0.25f;
  jobs[5].styles[0].region = {16, 16, std::vector<float>(16 * 16, 1)};
  jobs[5].styles[0].region.weights[3] = 0;
  jobs[6].params.style_layers = {{"relu2_1"}, {"relu1_1"}};
  const StyleLoss losses[] = {StyleLoss::kGramMoments,
                              StyleLoss::kWasserstein,
                              StyleLoss::kSlicedWasserstein,
                              StyleLoss::kNearest,
                              StyleLoss::kNearest,
                              StyleLoss::kNearest,
                              StyleLoss::kNearest};
  for (size_t i = 0; i < 7; ++i) {
    jobs[7 + i].params.style_loss = losses[i];
    if (IsDrawn(losses[i])) jobs[7 + i].params.resample_every = 2;
  }
  // The same taps, by other terms and in another order.
  jobs[11].params.content_layers = {{"relu1_1"}};
  jobs[11].params.style_layers = {{"relu1_1"}, {"relu2_1"}};
  jobs[12].params.content_layers = {{"relu1_1"}, {"relu2_1"}};
  jobs[12].params.style_layers = {{"relu1_1"}, {"relu2_1"}};
  jobs[13].params.content_layers = {{"relu1_1"}};
  jobs[13].params.style_layers = {{"relu2_1"}, {"relu1_1"}};
  // The same taps in another network, and blends that are alike.
  for (size_t i = 14; i < jobs.size(); ++i) {
    jobs[i].params.convention = Convention::kCrowson;
    if (i > 14) jobs[i].params.style_loss = StyleLoss::kWasserstein;
    if (i < 16) continue;
    const double first = i == 16 ? 1.0 / 3 : 0.3333333;
    jobs[i].styles.push_back(jobs[i].styles[0]);
    jobs[i].styles[1].picture = Waves(16, 16, 2.3f);
    jobs[i].styles[0].blend = first;
    jobs[i].styles[1].blend = 1 - first;
  }
  std::swap(jobs[4], jobs[14]);  // After the tutorial's, alike but for padding.
  TorchRendererOptions keeping;
  keeping.threads = 1;
  keeping.target_cache_bytes = 1 << 20;
  const auto kept = MakeTorchRenderer(keeping);
  ASSERT_TRUE(kept.ok()) << kept.status();
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      SCOPED_TRACE(i);
      const auto fresh = MakeOnCpu().renderer->Render(jobs[i], Continue);
      const auto again = kept->renderer->Render(jobs[i], Continue);
      ASSERT_TRUE(fresh.ok()) << fresh.status();
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(fresh->image.rgb, again->image.rgb);
      EXPECT_EQ(fresh->best.losses.total, again->best.losses.total);
    }
  }
}

// From too little memory for the render to enough for all its activations.
TEST(TorchRendererTest, ComputesBlocksAgainWhereTheyDoNotFitToTheSameBytes) {
  RenderJob job = SmallJob();
  job.content = Waves(240, 160, 1);
  const auto free = MakeOnCpu().renderer->Render(job, Continue);
  ASSERT_TRUE(free.ok()) << free.status();
  int refused = 0;
  int rendered = 0;
  for (int64_t room = 16 << 20; rendered < 5; room += 4 << 20) {
    SCOPED_TRACE(room);
    TorchRendererOptions options;
    options.threads = 1;
    options.memory_limit_bytes = ResidentBytes() + room;
    const auto setup = MakeTorchRenderer(options);
    ASSERT_TRUE(setup.ok()) << setup.status();
    const auto bounded = setup->renderer->Render(job, Continue);
    if (absl::IsResourceExhausted(bounded.status())) {
      EXPECT_EQ(rendered, 0);
      EXPECT_THAT(std::string(bounded.status().message()),
                  HasSubstr("may be used"));
      ++refused;
      continue;
    }
    ASSERT_TRUE(bounded.ok()) << bounded.status();
    EXPECT_EQ(bounded->image.rgb, free->image.rgb);
    ++rendered;
  }
  EXPECT_GT(refused, 0);
}

TEST(TorchRendererTest, ALimitThatLeavesNoRoomIsRefusedWithWhatIsThere) {
  TorchRendererOptions options;
  options.memory_limit_bytes = 1 << 20;
  const absl::Status status = MakeTorchRenderer(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("memory limit: 1 MB is too little; this process"));
}

TEST(TorchRendererTest, WhatOthersKeepGivesWayToARenderThatNeedsTheRoom) {
  const RenderJob job = SmallJob();
  for (const int64_t room : {128 << 20, 1024 << 20}) {
    SCOPED_TRACE(room);
    int64_t kept = 512 << 20;
    TorchRendererOptions options;
    options.threads = 1;
    options.memory_limit_bytes = ResidentBytes() + room;
    options.spare = {[&kept] { return kept; }, [&kept] { kept = 0; }};
    const auto setup = MakeTorchRenderer(options);
    ASSERT_TRUE(setup.ok()) << setup.status();
    const auto rendered = setup->renderer->Render(job, Continue);
    ASSERT_TRUE(rendered.ok()) << rendered.status();
    EXPECT_EQ(kept, room < 512 << 20 ? 0 : 512 << 20);
  }
}

TEST(TorchRendererTest, PreviewsAreSmallClampedAndChangeNoByte) {
  RenderJob job = SmallJob();
  job.content = Waves(300, 50, 0.3f);
  const auto unseen = MakeOnCpu().renderer->Render(job, Continue);
  int asked = 0;
  std::vector<Image> previews;
  job.previews.wanted = [&asked] { return ++asked % 2 == 1; };
  job.previews.take = [&](int iteration, absl::StatusOr<Image> picture) {
    EXPECT_EQ(iteration, asked);
    ASSERT_TRUE(picture.ok()) << picture.status();
    previews.push_back(*std::move(picture));
  };
  const auto shown = MakeOnCpu().renderer->Render(job, Continue);
  ASSERT_TRUE(unseen.ok()) << unseen.status();
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(unseen->image.rgb, shown->image.rgb);
  EXPECT_EQ(asked, 4) << "the last is the result";
  ASSERT_THAT(previews, SizeIs(2));
  for (const Image& preview : previews) {
    EXPECT_EQ(preview.width_px, 256);
    EXPECT_EQ(preview.height_px, 43);
    ASSERT_THAT(preview.rgb, SizeIs(3 * 256 * 43));
    EXPECT_THAT(preview.rgb, Each(AllOf(Ge(0), Le(1))));
  }
}

TEST(TorchRendererTest, StopsWhenTheObserverSaysSo) {
  const auto rendered = MakeOnCpu().renderer->Render(
      SmallJob(), [](const LossAt& at) { return at.iteration < 2; });
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->end, RenderEnd::kStopped);
  EXPECT_THAT(rendered->curve, SizeIs(2));
}

TEST(TorchRendererTest, ADivergedRenderSaysWhereAndStaysFinite) {
  RenderJob job = SmallJob();
  job.params.iterations = 20;
  job.params.learning_rate = 1e38;
  const auto rendered = MakeOnCpu().renderer->Render(job, Continue);
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(rendered->end, RenderEnd::kDiverged);
  EXPECT_THAT(rendered->message,
              AllOf(HasSubstr("diverged at iteration "), HasSubstr("of 20")));
  EXPECT_THAT(rendered->image.rgb, SizeIs(3 * 24 * 17));
  for (float value : rendered->image.rgb) ASSERT_TRUE(std::isfinite(value));
}

TEST(TorchRendererTest, InputsThatCanNeverBeRenderedAreInvalidArguments) {
  const TorchRendererSetup setup = MakeOnCpu();
  RenderJob small = SmallJob();
  small.content = Waves(1, 1, 1);
  RenderJob styleless = SmallJob();
  styleless.styles.clear();
  RenderJob unlike = SmallJob();
  unlike.params.init = Initialisation::kImage;
  unlike.init = Waves(5, 5, 1);
  RenderJob infinite = SmallJob();
  infinite.content.rgb[3] = INFINITY;
  RenderJob contentless = SmallJob();
  contentless.content = Image();
  RenderJob masked = SmallJob();
  masked.styles[0].mask = {2, 1, {0.5f, -0.5f}};
  RenderJob short_mask = SmallJob();
  short_mask.styles[0].region = {4, 4, std::vector<float>(15, 1)};
  RenderJob closed = SmallJob();
  closed.styles[0].mask = {24, 17, std::vector<float>(24 * 17, 0)};
  const std::pair<RenderJob, const char*> cases[] = {
      {small, "[1, 3, 1, 1]"},
      {styleless, "style: missing"},
      {unlike, "init: 5 x 5 px are not the content's 24 x 17"},
      {infinite, "content: has a value that is not finite"},
      {contentless, "content: missing"},
      {masked, "style mask: has a weight below 0"},
      {short_mask, "style region: 4x4 px are 16 values; given 15"},
      {closed, "mask: its weights sum to 0 at relu1_1"},
  };
  for (const auto& [job, expected] : cases) {
    SCOPED_TRACE(expected);
    const absl::Status status = setup.renderer->Render(job, Continue).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(expected));
  }
}

TEST(TorchRendererTest, DescribesTheDeviceItRendersOn) {
  const DeviceReport device = MakeOnCpu(2).device;
  EXPECT_EQ(device.device, "cpu");
  EXPECT_EQ(device.threads, 2);
  EXPECT_GT(device.memory_bytes, 0);
  EXPECT_FALSE(device.model.empty());
  for (const char* part : {"engine: ", "backend: ", "torch: ",
                           "instruction set: ", "threads: 2\n", "blas: "}) {
    EXPECT_THAT(device.profile_text, HasSubstr(part));
  }
  EXPECT_EQ(device.profile_text, MakeOnCpu(2).device.profile_text);
  EXPECT_NE(device.profile_text, MakeOnCpu(1).device.profile_text);
}

// Or a render that does not fit would be taken for one that fits nowhere.
TEST(TorchRendererTest, AnnouncesTheMemoryThatRendersMayTake) {
  const int64_t all = MakeOnCpu(1).device.memory_bytes;
  for (const auto& [limit, announced] : {std::pair<int64_t, int64_t>{0, all},
                                         {all - 1, all - 1},
                                         {2 * all, all}}) {
    SCOPED_TRACE(limit);
    TorchRendererOptions options;
    options.threads = 1;
    options.memory_limit_bytes = limit;
    const auto setup = MakeTorchRenderer(options);
    ASSERT_TRUE(setup.ok()) << setup.status();
    EXPECT_EQ(setup->device.memory_bytes, announced);
  }
}

// It bounds renders, and is no part of how they are rounded.
TEST(TorchRendererTest, TheMemoryLimitIsNotPartOfACpusProfile) {
  TorchRendererOptions options;
  options.threads = 2;
  options.memory_limit_bytes = int64_t{2} << 30;
  const auto setup = MakeTorchRenderer(options);
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(setup->device.profile_text, MakeOnCpu(2).device.profile_text);
}

TEST(TorchRendererTest, TheBackendIsPartOfTheProfile) {
  const auto setup = MakeTorchRenderer({"cpu", 1, "reference"});
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_THAT(setup->device.profile_text, HasSubstr("backend: reference\n"));
  const absl::Status status = MakeTorchRenderer({"cpu", 1, "fast"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("'fast' is unknown; allowed: auto, onednn, reference"));
}

TEST(TorchRendererTest, ADeviceThatIsNotHereIsRefusedWithThoseThatAre) {
  for (const char* name : {"cuda:4096", "cuda", "gpu", "cuda:-1", ""}) {
    SCOPED_TRACE(name);
    const absl::Status status = MakeTorchRenderer({name, 1}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("there are: cpu"));
  }
  EXPECT_EQ(MakeTorchRenderer({"cpu", -1}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace atelier
