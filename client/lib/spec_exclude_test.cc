#include <string>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "client/lib/spec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAxes[] = R"(base: {content: a.png, style: b.png}
axes:
  style_weight: [1500, 3500]
  content_weight: {log: [1e3, 1e5], count: 3}
  style_layers: {shallow: conv_1-3, deep: [conv_5, conv_7]}
)";

absl::StatusOr<JobDraft> Parse(const std::string& exclude,
                               const std::string& more = "") {
  return ParseSpec(absl::StrCat(kAxes, more, "exclude: ", exclude, "\n"),
                   "s.yaml");
}

TEST(SpecExcludeTest, NamesValuesByLabelOrByWhatTheyAre) {
  const auto job = Parse(
      "[{style_weight: 3.5e3, content_weight: 1e3}, {style_layers: shallow},\n"
      "  {style_layers: [conv_5, conv_7], content_weight: 10000}]");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(job->exclude, ElementsAre(ElementsAre(1, 0, kAnyValue),
                                        ElementsAre(kAnyValue, kAnyValue, 0),
                                        ElementsAre(kAnyValue, 1, 1)));
  ASSERT_EQ(CountPoints(*job), 3);
  EXPECT_EQ(DescribePoint(*job, PointAt(*job, 2)),
            "style_weight=3500, content_weight=100000, style_layers=deep");
  EXPECT_EQ(PointsToCheck(*job, 3).size(), 3u);
  // Both weights of the style, the second beside a weight of the content that
  // is kept; the two of the content that are; one set of layers.
  EXPECT_EQ(PointsToCheck(*job, 2).size(), 2u + 2u + 1u);
}

TEST(SpecExcludeTest, OfAListOfAxesAndOfZippedOnes) {
  const auto job = ParseSpec(R"(
base: {content: a.png, style: b.png}
exclude: [{seed: 2}]
expand: zip
axes:
  - {parameter: seed, values: [1, 2, 3]}
  - {parameter: size, values: [64, 96, 128]}
)",
                             "s.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  ASSERT_EQ(CountPoints(*job), 2);
  EXPECT_EQ(DescribePoint(*job, PointAt(*job, 1)), "seed=3, size=128");
}

TEST(SpecExcludeTest, TellsFilesApart) {
  const auto parse = [](const std::string& rule) {
    return ParseSpec(
        absl::StrCat("base: {content: a.png, style: b.png}\n"
                     "axes: {init: [noise, pics/a.png, pics/b.png]}\n"
                     "exclude: [{init: ",
                     rule, "}]\n"),
        "s.yaml");
  };
  EXPECT_THAT(parse("pics/b.png")->exclude, ElementsAre(ElementsAre(2)));
  EXPECT_THAT(parse("a.png")->exclude, ElementsAre(ElementsAre(1)));
  EXPECT_THAT(std::string(parse("pics/c.png").status().message()),
              HasSubstr("exclude: 'pics/c.png' is not a value of init"));
}

TEST(SpecExcludeTest, NamesTheNearestOfManyValues) {
  const auto job = ParseSpec(
      "base: {content: a.png, style: b.png}\n"
      "axes: {seed: 1000-1099}\nexclude: [{seed: 7}]\n",
      "s.yaml");
  EXPECT_THAT(std::string(job.status().message()),
              HasSubstr("'7' is not a value of seed; allowed: 1000, 1001"));
  EXPECT_THAT(std::string(job.status().message()), HasSubstr(" and 60 more"));
}

TEST(SpecExcludeTest, SaysWhatIsNoRule) {
  const auto error = [](const std::string& exclude) {
    return std::string(Parse(exclude).status().message());
  };
  EXPECT_THAT(error("{style_weight: 1500}"),
              AllOf(StartsWith("s.yaml:6"), HasSubstr("must be a list")));
  EXPECT_THAT(error("[1500]"), HasSubstr("exclude: must be a map"));
  EXPECT_THAT(error("[{style_wait: 1500}]"),
              HasSubstr("exclude: 'style_wait' is no axis; did you mean "
                        "'style_weight'?"));
  EXPECT_THAT(error("[{style_weight: 1501}]"),
              HasSubstr("exclude: '1501' is not a value of style_weight"));
  EXPECT_THAT(error("[{style_layers: dep}]"), HasSubstr("'deep'"));
  EXPECT_THAT(error("[{style_layers: deep},\n  {}]"),
              AllOf(StartsWith("s.yaml:7:3: "),
                    HasSubstr("exclude: a rule names no axis")));
  EXPECT_THAT(error("[{style_weight: 1500, style_weight: 3500}]"),
              HasSubstr("given twice"));
  EXPECT_THAT(error("[{style_weight: 1500}, {style_weight: 3500}]"),
              HasSubstr("exclude: leaves no point"));
  std::string many = "[";
  for (int i = 0; i < 17; ++i) absl::StrAppend(&many, "{style_weight: 1500},");
  EXPECT_THAT(error(many + "]"),
              HasSubstr("exclude: 17 rules given; at most 16"));
}

}  // namespace
}  // namespace atelier
