#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "client/lib/spec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> Labels(const AxisDraft& axis) {
  std::vector<std::string> labels;
  for (const AxisValueDraft& value : axis.values) labels.push_back(value.label);
  return labels;
}

AxisDraft OneAxis(const std::string& text) {
  const auto job = ParseSpec(absl::StrCat("axes:\n  ", text, "\n"), "s.yaml");
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() && job->axes.size() == 1 ? job->axes[0] : AxisDraft();
}

std::string ErrorOf(const std::string& text) {
  return std::string(ParseSpec(text, "s.yaml").status().message());
}

TEST(SpecAxesTest, AMapIsParametersAndTheirValues) {
  const JobDraft job = ParseSpec(R"(
base: {content: a.png, style: b.png}
axes:
  style_weight: [1500, 1.8e3]
  content_weight: {log: [1e3, 1e5], count: 3}
  tv_weight: {from: 0, to: 1, step: 0.5}
  seed: 0-1
  style_layers: {shallow: conv_1-3, deep: [conv_5, "conv_7:0.5"]}
  init: noise
)",
                                 "s.yaml")
                           .value();
  ASSERT_EQ(job.axes.size(), 6);
  EXPECT_EQ(CountPoints(job), 2 * 3 * 3 * 2 * 2);
  EXPECT_THAT(Labels(job.axes[0]), ElementsAre("1500", "1.8e3"));
  EXPECT_THAT(Labels(job.axes[1]), ElementsAre("1000", "10000", "100000"));
  EXPECT_THAT(Labels(job.axes[2]), ElementsAre("0", "0.5", "1"));
  EXPECT_THAT(Labels(job.axes[3]), ElementsAre("0", "1"));
  EXPECT_THAT(Labels(job.axes[4]), ElementsAre("shallow", "deep"));
  EXPECT_THAT(Labels(job.axes[5]), ElementsAre("noise"));
  // The last changes fastest, in the order of the file.
  const Point second = PointAt(job, 1);
  EXPECT_EQ(DescribePoint(job, second),
            "style_weight=1500, content_weight=1000, tv_weight=0, seed=0, "
            "style_layers=deep, init=noise");
  EXPECT_EQ(second.render.patch.content_weight, 1000);
  ASSERT_EQ(second.render.patch.style_layers->size(), 2);
  EXPECT_EQ(second.render.patch.style_layers->at(1).weight, 0.5);
}

TEST(SpecAxesTest, ANestedListIsOneValue) {
  const AxisDraft axis =
      OneAxis("style: [[a.png, b.png], c.png, [x/d.png, y/d.png]]");
  EXPECT_THAT(Labels(axis), ElementsAre("a.png,b.png", "c.png", "d.png,d.png"));
  EXPECT_THAT(*axis.values[0].set.patch.style_digests,
              ElementsAre("a.png", "b.png"));
}

TEST(SpecAxesTest, ALabelMaySetSeveralParameters) {
  const AxisDraft axis = OneAxis(
      "layers: {shallow: {content_layers: conv_1}, "
      "deep: {content_layers: conv_13, content_weight: 2}}");
  EXPECT_EQ(axis.name, "layers");
  EXPECT_THAT(Labels(axis), ElementsAre("shallow", "deep"));
  EXPECT_EQ(axis.values[1].set.patch.content_weight, 2);
}

TEST(SpecAxesTest, RangesMayStandInLists) {
  EXPECT_THAT(Labels(OneAxis("seed: [0-2, 10, 20-40:10]")),
              ElementsAre("0", "1", "2", "10", "20", "30", "40"));
}

TEST(SpecAxesTest, ExpandSaysHowAxesMakeTasks) {
  const char axes[] = "axes: {seed: 0-2, style_weight: [1, 2, 3]}\n";
  const auto parsed = [&](const std::string& expand) {
    return ParseSpec(absl::StrCat(axes, "expand: ", expand), "s.yaml").value();
  };
  EXPECT_EQ(CountPoints(parsed("grid")), 9);
  EXPECT_EQ(CountPoints(parsed("zip")), 3);
  const JobDraft sampled = parsed("{sample: 5, seed: 7}");
  EXPECT_EQ(sampled.sweep, Sweep::kRandom);
  EXPECT_EQ(sampled.sample_count, 5);
  EXPECT_EQ(sampled.sample_seed, 7);
  EXPECT_THAT(ErrorOf(absl::StrCat(axes, "expand: random")),
              HasSubstr("allowed: grid, zip, {sample: COUNT, seed: N}"));
  EXPECT_THAT(ErrorOf(absl::StrCat(axes, "expand: {seed: 1}")),
              HasSubstr("needs 'sample'"));
  EXPECT_THAT(ErrorOf(absl::StrCat(axes, "expand: zip\nmode: zip")),
              StartsWith("s.yaml:3:7: mode: is said by 'expand'"));
}

TEST(SpecAxesTest, ErrorsNameTheLineTheFieldAndWhatIsAllowed) {
  const struct {
    const char* axis;
    const char* error;
  } kCases[] = {
      {"style_weigth: [1]", "s.yaml:2:3: 'style_weigth' is unknown"},
      {"style_weight: {from: 0, to: 1}",
       "s.yaml:2:17: style_weight: a range is"},
      {"style_weight: {from: 0, to: 1, step: 0.1, count: 3}", "a range is"},
      {"style_weight: {from: 0, to: x, count: 3}",
       "to: 'x' is not a finite number"},
      {"style_weight: {from: 0, to: nan, count: 3}", "not a finite number"},
      {"style_weight: {from: 0, to: 1, count: 1}",
       "count: '1' is not a whole number from 2 to 100000"},
      {"style_weight: {log: 3, count: 3}", "log: must be [FIRST, LAST]"},
      {"style_weight: {log: [0, 3], count: 3}", "0 is not above 0"},
      {"style_weight: {from: -1, to: 1, count: 3}", "style_weight: "},
      {"seed: {from: 0, to: 1, count: 3}", "seed: '0.5' is not a whole"},
      {"seed: 3-1", "s.yaml:2:9: seed: '3-1' is no range"},
      {"seed: 0-100000", "more than 100000 values"},
      {"init: {from: 0, to: 1, count: 3}", "init: is no number"},
      {"seed: []", "seed: needs at least one value"},
      {"seed: {}", "seed: needs at least one value"},
      {"seed: [1, 1]", "'1' is given twice"},
      {"seed: [0-3, 2]", "'2' is given twice"},
      {"seed: [{one: 1}]", "an entry of a map, and not of a list"},
      {"seed: ~", "seed: '~' is empty"},
      {"style_layers: {a: conv_1, a: conv_2}", "a: is given twice"},
      {"style_layers: [[conv_11:0.25, conv_12:0.25, conv_13:0.25, "
       "conv_14:0.25, conv_15:0.255]]",
       "write the value as an entry of a map: {NAME: VALUE, ...}"},
      {"layers: {shallow: conv_1}", "'layers' is unknown"},
      {"layers: [1, 2]", "'layers' is unknown"},
      {"content: nothing-*.jpg", "content: 'nothing-*.jpg' matches no file"},
  };
  for (const auto& [axis, error] : kCases) {
    EXPECT_THAT(ErrorOf(absl::StrCat("axes:\n  ", axis, "\n")),
                AllOf(StartsWith("s.yaml:"), HasSubstr(error)))
        << axis;
  }
}

class SpecFilesTest : public ::testing::Test {
 protected:
  void Touch(const std::string& name) {
    const std::filesystem::path path =
        std::filesystem::path(folder_.path()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }

  std::vector<std::string> LabelsOfContent(const std::string& value) {
    std::ofstream(folder_.File("s.yaml"))
        << "axes:\n  content: " << value << "\n";
    const auto job = ReadSpec(folder_.File("s.yaml"));
    EXPECT_TRUE(job.ok()) << job.status();
    if (!job.ok()) return {};
    for (const AxisValueDraft& each : job->axes[0].values) {
      EXPECT_TRUE(std::filesystem::exists(*each.set.patch.content_digest))
          << *each.set.patch.content_digest;
    }
    return Labels(job->axes[0]);
  }

  TempFolder folder_;
};

TEST_F(SpecFilesTest, PatternsAreFilesInNaturalOrder) {
  for (const char* name :
       {"photos/p10.jpg", "photos/p2.jpg", "photos/p1.jpg", "photos/q.png",
        "photos/folder.jpg/inside.png", "other/p1.jpg"}) {
    Touch(name);
  }
  EXPECT_THAT(LabelsOfContent("photos/*.jpg"),
              ElementsAre("p1.jpg", "p2.jpg", "p10.jpg"));
  EXPECT_THAT(LabelsOfContent("['photos/p?.jpg', photos/q.png]"),
              ElementsAre("p1.jpg", "p2.jpg", "q.png"));
  EXPECT_THAT(LabelsOfContent("\"*/p[12].jpg\""),
              ElementsAre("other/p1.jpg", "photos/p1.jpg", "p2.jpg"));
}

TEST_F(SpecFilesTest, AFileThatExistsBeatsAPattern) {
  for (const char* name : {"a[1].png", "a1.png"}) Touch(name);
  EXPECT_THAT(LabelsOfContent("'a[1].png'"), ElementsAre("a[1].png"));
  EXPECT_THAT(LabelsOfContent("'a[1]*.png'"), ElementsAre("a1.png"));
}

TEST_F(SpecFilesTest, AFolderWithWordsOfPatternsIsNone) {
  Touch("x[1]*/s.png");
  std::ofstream(folder_.File("x[1]*/s.yaml")) << "axes: {content: '*.png'}\n";
  const auto job = ReadSpec(folder_.File("x[1]*/s.yaml"));
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(Labels(job->axes[0]), ElementsAre("s.png"));
}

}  // namespace
}  // namespace atelier
