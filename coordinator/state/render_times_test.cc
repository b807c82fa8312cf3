#include "coordinator/state/render_times.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

JobSpec OneRender(int size_px = 64, int iterations = 100) {
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8, 8}, {8, 8}, {8, 8, 8, 8}, {8, 8, 8, 8}, {8}};
  JobSpec spec;
  spec.networks = {network};
  spec.picture_sizes[std::string(64, 'c')] = {2000, 1000};
  spec.base.weights_digest = network.weights_digest;
  spec.base.content_digest = std::string(64, 'c');
  spec.base.style_digests = {std::string(64, '5')};
  spec.base.size_px = size_px;
  spec.base.iterations = iterations;
  return spec;
}

RenderClass ClassOfOnly(const JobSpec& spec) {
  const auto task = MakeTask(spec, PointAt(spec, 0), {});
  EXPECT_TRUE(task.ok()) << task.status();
  return ClassOf(*task, spec).value();
}

TimedRender Took(const JobSpec& spec, absl::Duration fixed,
                 absl::Duration iterating, const std::string& profile = "p",
                 int iterations = 0) {
  RenderClass render = ClassOfOnly(spec);
  if (iterations == 0) iterations = render.iterations;
  return {std::move(render), profile, iterations, fixed, iterating};
}

std::optional<double> Seconds(RenderTimes& times, const JobSpec& spec,
                              const std::string& profile = "") {
  const auto expected = times.Expect(ClassOfOnly(spec), profile);
  if (!expected.has_value()) return std::nullopt;
  return absl::ToDoubleSeconds(*expected);
}

MATCHER_P(IsAbout, seconds, "") {
  return arg.has_value() && std::abs(*arg - seconds) < 1e-6 * seconds;
}

TEST(RenderTimesTest, KnowsNothingOfWhatWasNeverDone) {
  RenderTimes times;
  EXPECT_EQ(Seconds(times, OneRender()), std::nullopt);
  times.Add(Took(OneRender(), absl::Seconds(1), absl::Seconds(10)));
  JobSpec other_loss = OneRender();
  other_loss.base.style_loss = StyleLoss::kWasserstein;
  EXPECT_EQ(Seconds(times, other_loss), std::nullopt);
  JobSpec other_network = OneRender();
  other_network.networks[0].weights_digest = std::string(64, '0');
  other_network.base.weights_digest = std::string(64, '0');
  EXPECT_EQ(Seconds(times, other_network), std::nullopt);
  JobSpec other_owner = OneRender();
  other_owner.scope = "bob";
  EXPECT_EQ(Seconds(times, other_owner), std::nullopt);
}

TEST(RenderTimesTest, IterationsCostByTheirPixelsAndTheRestIsFixed) {
  RenderTimes times;
  times.Add(Took(OneRender(64, 100), absl::Seconds(2), absl::Seconds(10)));
  EXPECT_THAT(Seconds(times, OneRender(64, 100)), IsAbout(12));
  EXPECT_THAT(Seconds(times, OneRender(64, 300)), IsAbout(32));
  EXPECT_THAT(Seconds(times, OneRender(128, 100)), IsAbout(42))
      << "no such size was done: by those akin";
}

TEST(RenderTimesTest, CoarseScalesCountByTheirOwnSize) {
  RenderTimes times;
  times.Add(Took(OneRender(64, 100), absl::ZeroDuration(), absl::Seconds(10)));
  JobSpec two_scales = OneRender(64, 100);
  two_scales.base.scales = 2;
  // 30 of a quarter of the pixels, and 70 of all.
  EXPECT_THAT(Seconds(times, two_scales), IsAbout(10 * (0.3 / 4 + 0.7)));
}

TEST(RenderTimesTest, ThoseAlikeComeBeforeThoseAkin) {
  RenderTimes times;
  times.Add(Took(OneRender(64), absl::ZeroDuration(), absl::Seconds(10)));
  times.Add(Took(OneRender(512), absl::ZeroDuration(), absl::Seconds(64)));
  EXPECT_THAT(Seconds(times, OneRender(64)), IsAbout(10));
  EXPECT_THAT(Seconds(times, OneRender(512)), IsAbout(64));
  JobSpec shallow = OneRender(64);
  shallow.base.style_layers = {{"conv1_1", 1}};
  shallow.base.content_layers = {{"conv1_1", 1}};
  times.Add(Took(shallow, absl::ZeroDuration(), absl::Seconds(1)));
  EXPECT_THAT(Seconds(times, shallow), IsAbout(1));
  EXPECT_THAT(Seconds(times, OneRender(64)), IsAbout(10));
}

TEST(RenderTimesTest, TheLastOnesCountMost) {
  RenderTimes times;
  for (int i = 0; i < 100; ++i) {
    times.Add(Took(OneRender(), absl::Seconds(1), absl::Seconds(99)));
  }
  for (int i = 0; i < 100; ++i) {
    times.Add(Took(OneRender(), absl::Seconds(1), absl::Seconds(9)));
  }
  const auto seconds = Seconds(times, OneRender());
  ASSERT_TRUE(seconds.has_value());
  EXPECT_NEAR(*seconds, 10, 0.1);
}

TEST(RenderTimesTest, APinnedProfileCountsAlone) {
  RenderTimes times;
  times.Add(Took(OneRender(), absl::ZeroDuration(), absl::Seconds(1), "gpu"));
  times.Add(Took(OneRender(), absl::ZeroDuration(), absl::Seconds(100), "cpu"));
  EXPECT_THAT(Seconds(times, OneRender(), "gpu"), IsAbout(1));
  EXPECT_THAT(Seconds(times, OneRender(), "cpu"), IsAbout(100));
  EXPECT_EQ(Seconds(times, OneRender(), "tpu"), std::nullopt);
}

TEST(RenderTimesTest, WhatEndsEarlyIsExpectedTo) {
  JobSpec fast = OneRender(64, 400);
  fast.base.least_progress = 0.002;
  RenderTimes times;
  times.Add(Took(fast, absl::Seconds(1), absl::Seconds(20), "p", 200));
  EXPECT_THAT(Seconds(times, fast), IsAbout(21));
  EXPECT_THAT(Seconds(times, OneRender(64, 400)), IsAbout(41))
      << "all iterations are done";
}

TEST(RenderTimesTest, ForgetsTheOldestKindsBeyondItsBound) {
  RenderTimes times;
  for (size_t i = 0; i < RenderTimes::kMost; ++i) {
    JobSpec spec = OneRender();
    spec.scope = absl::StrCat(i);
    times.Add(Took(spec, absl::Seconds(1), absl::Seconds(1)));
  }
  EXPECT_EQ(times.size(), RenderTimes::kMost);
  JobSpec oldest = OneRender();
  oldest.scope = "0";
  EXPECT_EQ(Seconds(times, oldest), std::nullopt);
  oldest.scope = absl::StrCat(RenderTimes::kMost - 1);
  EXPECT_THAT(Seconds(times, oldest), IsAbout(2));
}

TEST(RenderTimesTest, FillsFromOthersWhatItDoesNotKnow) {
  JobSpec other = OneRender();
  other.base.style_loss = StyleLoss::kWasserstein;
  RenderTimes older;
  older.Add(Took(OneRender(), absl::ZeroDuration(), absl::Seconds(100)));
  older.Add(Took(other, absl::ZeroDuration(), absl::Seconds(30)));
  RenderTimes times;
  times.Add(Took(OneRender(), absl::ZeroDuration(), absl::Seconds(10)));
  times.FillFrom(older);
  EXPECT_THAT(Seconds(times, OneRender()), IsAbout(10));
  EXPECT_THAT(Seconds(times, other), IsAbout(30));
}

TEST(RenderTimesTest, TheLongestIsBounded) {
  RenderTimes times;
  JobSpec tiny = OneRender(32, 1);
  times.Add(Took(tiny, absl::ZeroDuration(), absl::Hours(24 * 365)));
  EXPECT_EQ(times.Expect(ClassOfOnly(OneRender(16384, 1'000'000)), ""),
            RenderTimes::kLongest);
}

TEST(TimedOfTest, CountsWhatTheDeviceWasHeldFor) {
  const RenderClass render = ClassOfOnly(OneRender());
  TaskResult result;
  result.iterations = 100;
  auto timed = TimedOf(render, result, absl::Seconds(10));
  ASSERT_TRUE(timed.has_value());
  EXPECT_EQ(timed->iterating, absl::Seconds(10)) << "an older worker's";
  EXPECT_EQ(timed->fixed, absl::ZeroDuration());
  result.elapsed = absl::Seconds(8);
  result.timings.emplace();
  result.timings->waiting = absl::Seconds(2);
  result.timings->iterations = absl::Seconds(5);
  timed = TimedOf(render, result, absl::Seconds(10));
  EXPECT_EQ(timed->iterating, absl::Seconds(5));
  EXPECT_EQ(timed->fixed, absl::Seconds(1));
  timed = TimedOf(render, result, absl::Seconds(10), /*batch=*/2);
  EXPECT_EQ(timed->iterating, absl::Seconds(2.5));
}

TEST(TimedOfTest, AWorkerCannotHaveTakenLongerThanItHadTheLease) {
  TaskResult result;
  result.iterations = 1;
  result.elapsed = absl::Hours(1);
  result.timings.emplace();
  result.timings->waiting = absl::Hours(9);
  result.timings->iterations = absl::Hours(9);
  const RenderClass render = ClassOfOnly(OneRender());
  EXPECT_FALSE(TimedOf(render, result, absl::Seconds(10)).has_value());
  result.timings->waiting = absl::Seconds(4);
  EXPECT_EQ(TimedOf(render, result, absl::Seconds(10))->iterating,
            absl::Seconds(6));
  result.timings.reset();
  EXPECT_EQ(TimedOf(render, result, absl::Seconds(10))->iterating,
            absl::Seconds(10));
  result.iterations = 0;
  EXPECT_FALSE(TimedOf(render, result, absl::Seconds(10)).has_value());
}

}  // namespace
}  // namespace atelier
