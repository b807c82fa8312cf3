#include "coordinator/state/job_preview.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int kVersion = 9;

JobSpec Seeds(int count) {
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8, 8}, {8, 8}, {8, 8, 8, 8}, {8, 8, 8, 8}, {8}};
  JobSpec spec;
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.content_digest = std::string(64, 'c');
  spec.base.style_digests = {std::string(64, '5')};
  spec.base.init = Initialisation::kNoise;
  Axis axis{"seed", {}};
  for (int i = 0; i < count; ++i) {
    AxisValue value{absl::StrCat("s", i), {}};
    value.set.seed = i;
    axis.values.push_back(value);
  }
  spec.axes = {axis};
  return spec;
}

StoredResult ResultOf(const RenderKey& key, const std::string& picture,
                      Arithmetic arithmetic = {kVersion, "p"}) {
  StoredResult stored{key, {}};
  stored.result.image_digest = picture;
  stored.result.arithmetic = std::move(arithmetic);
  return stored;
}

TEST(JobPreviewTest, HasThePageThatIsAskedFor) {
  const JobSpec spec = Seeds(5);
  const JobPreview page = PreviewTasks(spec, 1, 2, {});
  EXPECT_EQ(page.task_count, 5);
  ASSERT_THAT(page.tasks, SizeIs(2));
  EXPECT_EQ(page.tasks[0].index, 1);
  EXPECT_THAT(page.tasks[1].labels, ElementsAre("s2"));
  EXPECT_EQ(page.tasks[1].key, MakeTask(spec, PointAt(spec, 2), {})->key);
  EXPECT_THAT(PreviewTasks(spec, 4, 1000, {}).tasks, SizeIs(1));
  EXPECT_THAT(PreviewTasks(spec, 5, 1000, {}).tasks, IsEmpty());
  EXPECT_THAT(
      PreviewTasks(spec, std::numeric_limits<int64_t>::max(), 9, {}).tasks,
      IsEmpty());
}

TEST(JobPreviewTest,
     AResultCountsThatAssigningWouldTakeAndWhosePictureIsThere) {
  JobPreview page = PreviewTasks(Seeds(5), 0, 5, {});
  const auto key = [&](int i) { return *page.tasks[i].key; };
  EXPECT_THAT(KeysOf(page), SizeIs(5));
  OfferResults({ResultOf(key(0), "here"), ResultOf(key(1), "gone"),
                ResultOf(key(2), "older", {kVersion - 1, "p"}),
                ResultOf(key(3), "other", {kVersion, "q"}),
                ResultOf(key(3), "here too")},
               kVersion, {{}, 0, "p"}, page);
  EXPECT_THAT(PicturesOf(page),
              UnorderedElementsAre("here", "gone", "here too"));
  for (TaskPreview& task : page.tasks) task.device_time = absl::Seconds(7);
  SettleResults({"here", "here too", "older", "other"}, page);
  std::string cached;
  for (const TaskPreview& task : page.tasks) {
    cached += task.has_result ? 'x' : '-';
    EXPECT_EQ(task.device_time,
              task.has_result ? absl::ZeroDuration() : absl::Seconds(7));
  }
  EXPECT_EQ(cached, "x--x-");
}

TEST(JobPreviewTest, WithoutAPinAnyProfileDoes) {
  JobPreview page = PreviewTasks(Seeds(1), 0, 1, {});
  OfferResults({ResultOf(*page.tasks[0].key, "a", {kVersion, "q"})}, kVersion,
               {}, page);
  EXPECT_THAT(PicturesOf(page), ElementsAre("a"));
}

TEST(JobPreviewTest, TheSameRenderIsDoneOnce) {
  JobSpec spec = Seeds(2);
  spec.axes[0].values[1].set.seed = 0;
  JobPreview page = PreviewTasks(spec, 0, 2, {});
  SettleResults({}, page);
  EXPECT_FALSE(page.tasks[0].has_result);
  EXPECT_TRUE(page.tasks[1].has_result);
}

TEST(JobPreviewTest, WithoutCacheNothingHasAResult) {
  JobSpec spec = Seeds(2);
  spec.axes[0].values[1].set.seed = 0;
  spec.no_cache = true;
  JobPreview page = PreviewTasks(spec, 0, 2, {});
  EXPECT_THAT(KeysOf(page), IsEmpty());
  OfferResults({ResultOf(*page.tasks[0].key, "a")}, kVersion, {}, page);
  SettleResults({"a"}, page);
  EXPECT_FALSE(page.tasks[0].has_result);
  EXPECT_FALSE(page.tasks[1].has_result);
}

TEST(JobPreviewTest, APointThatIsNoRenderHasNeitherKeyNorResult) {
  JobSpec spec = Seeds(1);
  spec.base.style_digests.reset();
  JobPreview page = PreviewTasks(spec, 0, 1, {});
  SettleResults({}, page);
  ASSERT_THAT(page.tasks, SizeIs(1));
  EXPECT_FALSE(page.tasks[0].key.has_value());
  EXPECT_FALSE(page.tasks[0].has_result);
  EXPECT_FALSE(page.tasks[0].device_time.has_value());
}

}  // namespace
}  // namespace atelier
