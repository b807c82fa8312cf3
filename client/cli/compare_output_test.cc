#include "client/cli/compare_output.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cell_width.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

using MeasuresOfOne = std::map<std::string, double>;

Comparison ComparisonOf(
    const std::vector<std::pair<std::string, MeasuresOfOne>>& pictures) {
  Comparison comparison;
  for (const auto& [path, measures] : pictures) {
    ComparedPicture& picture = comparison.pictures.emplace_back();
    picture.path = path;
    picture.measures = measures;
  }
  return comparison;
}

std::vector<std::string> PathsOf(const Comparison& comparison) {
  std::vector<std::string> paths;
  for (const ComparedPicture& picture : comparison.pictures) {
    paths.push_back(picture.path);
  }
  return paths;
}

int WidestLine(const std::string& text) {
  int width = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    width = std::max(width, CellWidth(line));
  }
  return width;
}

TEST(CompareOutputTest, PicturesStandSideBySideWithTheBestOfEachMarked) {
  const Comparison two = ComparisonOf(
      {{"out/a.png",
        {{"psnr", 21.337}, {"style_distance", 0.5}, {"mean_wavelength", 30}}},
       {"out/b.png",
        {{"psnr", 18}, {"style_distance", 0.25}, {"mean_wavelength", 4000}}},
       {"out/c.png", {{"mean_wavelength", 7}, {"sparkle", 2}}}});
  const ComparisonText text = TextOf(two, "", 80);
  EXPECT_EQ(text.table,
            "MEASURE (* best)      a.png    b.png   c.png\n"
            "psnr (dB)             21.34 *  18      -\n"
            "style_distance        0.5      0.25 *  -\n"
            "mean_wavelength (px)  30       4000    7\n"
            "sparkle               -        -       2\n");
  EXPECT_THAT(text.left_out, IsEmpty());
}

TEST(CompareOutputTest, OfOnePictureNothingIsTheBest) {
  const ComparisonText text =
      TextOf(ComparisonOf({{"out/a.png", {{"psnr", 21}}}}), "", 10);
  EXPECT_EQ(text.table,
            "MEASURE    out/a.png\n"
            "psnr (dB)  21\n");
}

TEST(CompareOutputTest, LongNamesStandAboveNumbers) {
  const std::string name(40, 'n');
  const Comparison two = ComparisonOf(
      {{name + "1.png", {{"ssim", 0.5}}}, {name + "2.png", {{"ssim", 0.25}}}});
  EXPECT_EQ(TextOf(two, "", 80).table,
            "   IMAGE\n"
            "1  " +
                name +
                "1.png\n"
                "2  " +
                name +
                "2.png\n"
                "\n"
                "MEASURE (* best)  1      2\n"
                "ssim              0.5 *  0.25\n");
}

Comparison Many(int pictures) {
  std::vector<std::pair<std::string, MeasuresOfOne>> all;
  for (int i = 0; i < pictures; ++i) {
    all.push_back({absl::StrCat("picture-", i, ".png"),
                   {{"psnr", 20 + i},
                    {"ssim", 0.5},
                    {"style_distance", 0.5},
                    {"content_distance", 0.5},
                    {"mean_wavelength", 20},
                    {"gram_distance", 0.5},
                    {"gram_distance_relu5_1", 0.125 * i}}});
  }
  return ComparisonOf(all);
}

TEST(CompareOutputTest, ManyPicturesHaveARowEachAndTheMeasuresThatFit) {
  const ComparisonText wide = TextOf(Many(9), "", 200);
  EXPECT_THAT(wide.table,
              StartsWith("IMAGE (* best)  psnr (dB)  ssim  style_distance  "
                         "content_distance  mean_wavelength (px)  "
                         "gram_distance\n"
                         "picture-0.png   20         0.5 "));
  EXPECT_THAT(wide.table, HasSubstr("\npicture-8.png   28 *  "));
  EXPECT_EQ(wide.left_out, "6 of 7 measures are shown; --json has all");
  for (const int columns : {40, 60, 80}) {
    const ComparisonText narrow = TextOf(Many(9), "", columns);
    EXPECT_LE(WidestLine(narrow.table), columns);
    EXPECT_THAT(narrow.table, HasSubstr("psnr (dB)"));
    EXPECT_THAT(narrow.left_out, HasSubstr(" of 7 measures are shown"));
  }
  // Never less than one, whatever the terminal.
  EXPECT_THAT(TextOf(Many(9), "", 1).table, HasSubstr("psnr (dB)"));
}

TEST(CompareOutputTest, WhatIsSortedByIsAlwaysShown) {
  EXPECT_THAT(TextOf(Many(9), "gram_distance_relu5_1", 60).table,
              StartsWith("IMAGE (* best)  gram_distance_relu5_1  psnr (dB)"));
}

TEST(CompareOutputTest, SortsTheBestFirstAndWhatHasNoValueLast) {
  Comparison pictures = ComparisonOf(
      {{"none", {}},
       {"low", {{"psnr", 1}, {"style_distance", 1}, {"mean_wavelength", 1}}},
       {"high", {{"psnr", 9}, {"style_distance", 9}, {"mean_wavelength", 9}}},
       {"low too", {{"psnr", 1}}}});
  SortPictures("", pictures);
  EXPECT_THAT(PathsOf(pictures), ElementsAre("none", "low", "high", "low too"));
  SortPictures("psnr", pictures);
  EXPECT_THAT(PathsOf(pictures), ElementsAre("high", "low", "low too", "none"));
  SortPictures("style_distance", pictures);
  EXPECT_THAT(PathsOf(pictures), ElementsAre("low", "high", "low too", "none"));
  SortPictures("mean_wavelength", pictures);
  EXPECT_THAT(PathsOf(pictures), ElementsAre("low", "high", "low too", "none"));
}

TEST(CompareOutputTest, EqualsAreTheBestTogetherUnlessAllAreEqual) {
  const Comparison three = ComparisonOf(
      {{"a", {{"psnr", 5}, {"ssim", 0.5}, {"gram_distance", 0.5}}},
       {"b", {{"psnr", 5}, {"ssim", 0.5}, {"mean_wavelength", 3}}},
       {"c", {{"psnr", 4}, {"ssim", 0.5}, {"mean_wavelength", 4}}}});
  EXPECT_THAT(BestPictures(three),
              UnorderedElementsAre(Pair("psnr", ElementsAre(0, 1))));
}

TEST(CompareOutputTest, NamesKeepTheFoldersInWhichTheyDiffer) {
  const auto header = [](const std::vector<std::string>& paths) {
    std::vector<std::pair<std::string, MeasuresOfOne>> pictures;
    for (const std::string& path : paths) pictures.push_back({path, {}});
    return std::string(absl::StripAsciiWhitespace(
        TextOf(ComparisonOf(pictures), "", 80).table));
  };
  EXPECT_EQ(header({"/x/a/1.png", "/x/b/1.png"}), "MEASURE  a/1.png  b/1.png");
  EXPECT_EQ(header({"a.png", "x/a.png"}), "MEASURE  a.png  x/a.png");
  EXPECT_EQ(header({"/a.png", "/b.png"}), "MEASURE  a.png  b.png");
  EXPECT_EQ(header({"x/a.png", "xy/b.png"}), "MEASURE  x/a.png  xy/b.png");
}

TEST(CheckSortTest, NamesTheMeasuresThatPicturesHave) {
  EXPECT_TRUE(CheckSort("").ok());
  EXPECT_TRUE(CheckSort("mean_wavelength").ok());
  EXPECT_THAT(std::string(CheckSort("sssim").message()),
              HasSubstr("--sort: 'sssim' is no measure; did you mean 'ssim'? "
                        "There are psnr, ssim"));
  const std::string of_renders(CheckSort("peak_memory_bytes").message());
  EXPECT_THAT(of_renders, HasSubstr("'peak_memory_bytes' is no measure"));
  EXPECT_THAT(of_renders, Not(HasSubstr("seconds_per_iteration")));
}

}  // namespace
}  // namespace atelier
