// `shows`, `chosen` and `chosen_by` of specs.
#include <string>

#include "client/lib/spec.h"
#include "client/lib/study_notes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kTwoAxes[] = R"(base: {content: a.png, style: b.png}
axes:
  style_weight: [1500, 3500]
  layers: {shallow: {style_layers: conv_1}, deep: {style_layers: conv_5}}
)";
constexpr char kOneAxis[] = "axes: {seed: 0-2}\n";

absl::StatusOr<JobDraft> Parse(const std::string& axes,
                               const std::string& notes) {
  return ParseSpec(axes + notes, "s.yaml");
}

auto Shown(const std::string& measure, const std::string& by) {
  return AllOf(Field(&ShownMeasure::measure, measure),
               Field(&ShownMeasure::by, by));
}

TEST(SpecNotesTest, NamesMeasuresAndTheirAxes) {
  const auto one = Parse(kTwoAxes, "shows: {measure: psnr, by: layers}\n");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_THAT(one->notes.shows, ElementsAre(Shown("psnr", "layers")));
  const auto several = Parse(
      kTwoAxes,
      "shows: [{measure: psnr, by: layers}, {by: style_weight, measure: ssim}]"
      "\n");
  ASSERT_TRUE(several.ok()) << several.status();
  EXPECT_THAT(several->notes.shows, ElementsAre(Shown("psnr", "layers"),
                                                Shown("ssim", "style_weight")));
}

TEST(SpecNotesTest, OfOneAxisTheMeasureIsEnough) {
  EXPECT_THAT(Parse(kOneAxis, "shows: ssim\n")->notes.shows,
              ElementsAre(Shown("ssim", "seed")));
  EXPECT_THAT(Parse(kOneAxis, "shows: [ssim, {measure: psnr}]\n")->notes.shows,
              ElementsAre(Shown("ssim", "seed"), Shown("psnr", "seed")));
}

TEST(SpecNotesTest, PointsAreChosenByLabelOrByWhatTheyAre) {
  const auto job =
      Parse(kTwoAxes,
            "chosen: [{style_weight: 3.5e3, layers: deep}, {layers: shallow}]\n"
            "chosen_by: the first study\n");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(job->notes.chosen,
              ElementsAre(ElementsAre(Pair("layers", "deep"),
                                      Pair("style_weight", "3500")),
                          ElementsAre(Pair("layers", "shallow"))));
  EXPECT_EQ(job->notes.chosen_by, "the first study");
  EXPECT_THAT(Parse(kOneAxis, "chosen: {seed: 1}\n")->notes.chosen,
              ElementsAre(ElementsAre(Pair("seed", "1"))));
}

TEST(SpecNotesTest, ASpecWithoutNotesHasNone) {
  EXPECT_TRUE(Parse(kTwoAxes, "")->notes.empty());
}

TEST(SpecNotesTest, ErrorsNameTheLineAndWhatIsAllowed) {
  const struct {
    std::string axes;
    std::string notes;
    std::string error;
  } kCases[] = {
      {kTwoAxes, "shows: {measure: pnsr, by: layers}\n",
       "s.yaml:5:18: shows: 'pnsr' is no measure; did you mean 'psnr'?"},
      {kTwoAxes, "shows: {measure: psnr, by: layer}\n",
       "s.yaml:5:28: shows: by: 'layer' is no axis; did you mean 'layers'?"},
      {kTwoAxes, "shows: psnr\n",
       "s.yaml:5:8: shows: by: is missing; name one of the axes style_weight, "
       "layers"},
      {kTwoAxes, "shows: {by: layers}\n",
       "s.yaml:5:8: shows: measure: is missing"},
      {kTwoAxes, "shows: {measure: psnr, per: layers}\n",
       "s.yaml:5:24: 'per' is unknown; "},
      {kTwoAxes, "shows: [[psnr]]\n",
       "s.yaml:5:9: shows: must be a measure, {measure: MEASURE, by: AXIS} or "
       "a list of these"},
      {kTwoAxes, "shows:\n", "shows: is empty; it must be a measure"},
      {kTwoAxes, "shows: {measure: [psnr], by: layers}\n",
       "s.yaml:5:18: shows: must be a single value"},
      {"base: {seed: 1}\n", "shows: psnr\n",
       "s.yaml:2:8: shows: the job has no axes to show a measure by"},
      {kTwoAxes, "chosen: {layers: depe}\n",
       "s.yaml:5:18: chosen: 'depe' is not a value of layers; did you mean "
       "'deep'?"},
      {kTwoAxes, "chosen: [{layer: deep}]\n",
       "s.yaml:5:11: chosen: 'layer' is no axis; did you mean 'layers'?"},
      {kTwoAxes, "chosen: deep\n", "s.yaml:5:9: chosen: must be a map of axes"},
      {kTwoAxes, "chosen: [deep]\n", "s.yaml:5:10: chosen: must be a map"},
      {kTwoAxes, "chosen: [{}]\n", "s.yaml:5:10: chosen: names no axis"},
      {kTwoAxes, "chosen: {layers: deep, layers: deep}\n",
       "s.yaml:5:24: layers: is given twice"},
      {kTwoAxes, "chosen_by: me\n",
       "s.yaml:5:12: chosen_by: needs 'chosen', which says what"},
      {kTwoAxes, "chosen: {layers: deep}\nchosen_by: ''\n",
       "s.yaml:6:12: chosen_by: '' is not 1 to 64 printable characters"},
  };
  for (const auto& wrong : kCases) {
    SCOPED_TRACE(wrong.notes);
    const auto job = Parse(wrong.axes, wrong.notes);
    EXPECT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(job.status().message()), HasSubstr(wrong.error));
  }
}

TEST(SpecNotesTest, ListsAreBounded) {
  std::string shows = "shows: [";
  for (int i = 0; i <= kMostShownMeasures; ++i) shows += "psnr,";
  EXPECT_THAT(std::string(Parse(kOneAxis, shows + "]\n").status().message()),
              HasSubstr("shows: 9 measures given; at most 8"));
  std::string chosen = "chosen: [";
  for (int i = 0; i <= kMostChosen; ++i) chosen += "{seed: 1},";
  EXPECT_THAT(std::string(Parse(kOneAxis, chosen + "]\n").status().message()),
              HasSubstr("chosen: 65 points given; at most 64"));
}

}  // namespace
}  // namespace atelier
