#include "coordinator/state/job_spec.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

AxisValue Value(const std::string& label, int iterations) {
  AxisValue value;
  value.label = label;
  value.set.iterations = iterations;
  return value;
}

JobSpec TwoAxes() {
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8, 8}, {8, 8}, {8, 8, 8, 8}, {8, 8, 8, 8}, {8}};
  JobSpec spec;
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.content_digest = std::string(64, 'c');
  spec.base.style_digests = {std::string(64, '5')};
  spec.base.size_px = 100;
  spec.axes = {{"first", {Value("a", 1), Value("b", 2)}},
               {"second", {Value("x", 10), AxisValue{"y", {}}}}};
  return spec;
}

TEST(JobSpecTest, LaterAxesWinOverEarlierOnesAndTheBase) {
  const JobSpec spec = TwoAxes();
  EXPECT_EQ(TaskCount(spec).value(), 4);
  EXPECT_THAT(PointAt(spec, 2).labels, ElementsAre("b", "x"));
  EXPECT_EQ(PointAt(spec, 2).patch.iterations, 10);
  EXPECT_EQ(PointAt(spec, 3).patch.iterations, 2);
  EXPECT_EQ(PointAt(spec, 3).patch.size_px, 100);
}

TEST(JobSpecTest, LabelsDoNotChangeTheKey) {
  JobSpec spec = TwoAxes();
  const RenderKey key = MakeTask(spec, PointAt(spec, 1), {})->key;
  spec.name = "other";
  spec.axes[0].name = "other";
  spec.axes[0].values[0].label = "other";
  EXPECT_EQ(MakeTask(spec, PointAt(spec, 1), {})->key, key);
  EXPECT_NE(MakeTask(spec, PointAt(spec, 0), {})->key, key);
}

TEST(JobSpecTest, ATaskNamesItsNetwork) {
  JobSpec spec = TwoAxes();
  EXPECT_EQ(MakeTask(spec, PointAt(spec, 0), {})->network, &spec.networks[0]);
  spec.base.weights_digest = std::string(64, 'e');
  EXPECT_THAT(MakeTask(spec, PointAt(spec, 0), {}).status().message(),
              HasSubstr("has no entry in the job's networks"));
  spec.base.weights_digest.reset();
  EXPECT_THAT(MakeTask(spec, PointAt(spec, 0), {}).status().message(),
              HasSubstr("weights_digest: missing"));
}

TEST(JobSpecTest, ScalesThatAreLeftToThePictureGoByItsSize) {
  JobSpec spec = TwoAxes();
  spec.base.size_px = 0;
  spec.base.scales = kAutoScales;
  spec.picture_sizes = {{*spec.base.content_digest, {100, 100}},
                        {(*spec.base.style_digests)[0], {4000, 4000}}};
  EXPECT_EQ(MakeTask(spec, PointAt(spec, 0), {})->render.params.scales, 1);
  spec.picture_sizes[*spec.base.content_digest] = {4000, 4000};
  EXPECT_GT(MakeTask(spec, PointAt(spec, 0), {})->render.params.scales, 1);
}

TEST(JobSpecTest, NamesEveryInputThatAPatchHas) {
  RenderPatch patch;
  EXPECT_TRUE(NamedInputs(patch).empty());
  patch.iterations = 3;
  EXPECT_TRUE(NamedInputs(patch).empty());
  patch.content_digest = "c";
  patch.style_digests = {"s", "t"};
  patch.style_mask_digests = {"", "m"};
  patch.weights_digest = "w";
  std::string all;
  for (const std::string* digest : NamedInputs(patch)) all += *digest;
  EXPECT_EQ(all, "cstmw");
}

}  // namespace
}  // namespace atelier
