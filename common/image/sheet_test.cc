#include "common/image/sheet.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "common/image/canvas.h"
#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

Image Plain(int width_px, int height_px, float value) {
  return {width_px, height_px,
          std::vector<float>(size_t{3} * width_px * height_px, value)};
}

int CountOf(const Image& image, float value) {
  return std::count_if(image.rgb.begin(), image.rgb.end(), [&](float other) {
    return std::abs(other - value) < 1e-4f;
  });
}

// Values that differ between two pictures of one size.
int Differences(const Image& a, const Image& b) {
  EXPECT_EQ(a.rgb.size(), b.rgb.size());
  int count = 0;
  for (size_t i = 0; i < std::min(a.rgb.size(), b.rgb.size()); ++i) {
    count += a.rgb[i] != b.rgb[i];
  }
  return count;
}

Sheet OneRow(std::vector<SheetCell> cells) {
  return {"", {{"", std::move(cells)}}, 64};
}

TEST(SheetTest, ShowsEveryPictureWholeAndInItsAspect) {
  const auto drawn = DrawSheet(
      OneRow({{Plain(128, 96, 0.25f), "a"}, {Plain(96, 128, 0.5f), "b"}}));
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_EQ(CountOf(*drawn, 0.25f), 3 * 64 * 48);
  EXPECT_EQ(CountOf(*drawn, 0.5f), 3 * 64 * 48);
}

TEST(SheetTest, WritesTitleAndLabels) {
  Sheet sheet = OneRow({{Plain(64, 48, 0.25f), ""}});
  sheet.title = "a";
  const auto before = DrawSheet(sheet);
  sheet.title = "b";
  const auto other_title = DrawSheet(sheet);
  sheet.rows[0].cells[0].label = "conv_1";
  const auto labelled = DrawSheet(sheet);
  ASSERT_TRUE(before.ok() && other_title.ok() && labelled.ok());
  EXPECT_GT(Differences(*before, *other_title), 20);
  EXPECT_GT(Differences(*other_title, *labelled), 100);
  sheet.rows[0].label = "row";
  EXPECT_GT(DrawSheet(sheet)->width_px, labelled->width_px);
}

TEST(SheetTest, LeavesALabelledGapOfAPicturesSize) {
  const auto drawn =
      DrawSheet(OneRow({{Plain(64, 48, 0.25f), "a"}, {Image(), "b"}}));
  const auto full = DrawSheet(
      OneRow({{Plain(64, 48, 0.25f), "a"}, {Plain(64, 48, 0.5f), "b"}}));
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_EQ(drawn->width_px, full->width_px);
  EXPECT_EQ(drawn->height_px, full->height_px);
  EXPECT_TRUE(DrawSheet(OneRow({{Image(), "all failed"}})).ok());
}

TEST(SheetTest, RowsMayBeOfDifferentLengths) {
  Sheet sheet;
  sheet.cell_px = 64;
  sheet.rows = {
      {"one", {{Plain(64, 64, 0.25f), "a"}}},
      {"two", {{Plain(64, 64, 0.5f), "b"}, {Plain(64, 64, 0.75f), "c"}}}};
  const auto drawn = DrawSheet(sheet);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  for (float value : {0.25f, 0.5f, 0.75f}) {
    EXPECT_EQ(CountOf(*drawn, value), 3 * 64 * 64) << value;
  }
}

TEST(SheetTest, LongLabelsStayInTheirColumns) {
  Sheet sheet = OneRow({{Plain(64, 64, 0.25f), std::string(300, 'W')},
                        {Plain(64, 64, 0.5f), ""}});
  const auto with = DrawSheet(sheet);
  sheet.rows[0].cells[0].label = "";
  const auto without = DrawSheet(sheet);
  ASSERT_TRUE(with.ok() && without.ok());
  ASSERT_EQ(with->width_px, without->width_px);
  int right_most = 0;
  for (size_t i = 0; i < with->rgb.size(); ++i) {
    if (with->rgb[i] != without->rgb[i]) {
      right_most = std::max(right_most, static_cast<int>(i) % with->width_px);
    }
  }
  EXPECT_GT(right_most, with->width_px / 4);
  EXPECT_LT(right_most, with->width_px / 2);
}

TEST(SheetTest, ShowsMarkupAndBrokenTextAsTheyAre) {
  for (const std::string& label :
       {std::string("<b>&amp;"), std::string("\xff\xfe\x01\n"),
        std::string("\xe2\x82"), std::string(" ")}) {
    const auto drawn = DrawSheet(OneRow({{Plain(64, 64, 0.25f), label}}));
    EXPECT_TRUE(drawn.ok()) << drawn.status();
  }
}

TEST(SheetTest, DrawsWhatSteersAsText) {
  const auto drawn = [](const std::string& label) {
    return DrawSheet(OneRow({{Plain(256, 64, 0.25f), label}}))->rgb;
  };
  EXPECT_EQ(drawn("a\u202eb"), drawn("a\\u202eb"));
  EXPECT_EQ(drawn("a\x1b[2J"), drawn("a\\x1b[2J"));
  EXPECT_EQ(drawn("a\xff"), drawn("a\\xff"));
  EXPECT_NE(drawn("a\x1b[2J"), drawn("a[2J"));
}

TEST(SheetTest, CutsLabelsBetweenCharacters) {
  const std::string letter = "e\u0301\u0323";
  std::string label;
  for (int i = 0; i < 100; ++i) label += letter;
  const TextMask cut = *DrawText(label, {12, false}, 100);
  bool is_whole = false;
  std::string prefix;
  for (int i = 0; i < 100 && !is_whole; ++i) {
    prefix += letter;
    is_whole =
        DrawText(prefix + "\u2026", {12, false}, 100)->coverage == cut.coverage;
  }
  EXPECT_TRUE(is_whole);
  EXPECT_GT(cut.width_px, 80);
}

TEST(SheetTest, RefusesWhatCannotBeDrawn) {
  EXPECT_EQ(DrawSheet({}).status().message(), "sheet has no cells");
  Sheet sheet = OneRow({{Plain(4, 4, 0.25f), "a"}});
  sheet.cell_px = 1;
  EXPECT_THAT(DrawSheet(sheet).status().message(), HasSubstr("cell_px is 1"));
  sheet.cell_px = 4096;
  sheet.rows.assign(100, sheet.rows[0]);
  EXPECT_THAT(DrawSheet(sheet).status().message(), HasSubstr("sheet would be"));
}

TEST(SheetTest, DrawsTheSameSheetTwice) {
  const Sheet sheet = OneRow({{Gradient(100, 80), "style_weight 3500"}});
  EXPECT_EQ(DrawSheet(sheet)->rgb, DrawSheet(sheet)->rgb);
}

TEST(DrawTextTest, CutsBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xc3\xbc";
  for (int width : {20, 33, 47, 60}) {
    const auto mask = DrawText(umlauts, {14, false}, width);
    ASSERT_TRUE(mask.ok()) << mask.status();
    EXPECT_LE(mask->width_px, width);
    EXPECT_GT(mask->width_px, 0);
  }
}

TEST(DrawTextTest, NeverExceedsTheWidthItIsGiven) {
  for (int width : {1, 5, 40, 100}) {
    const auto mask = DrawText("convention gordicaleksa", {12, true}, width);
    ASSERT_TRUE(mask.ok()) << mask.status();
    EXPECT_LE(mask->width_px, width);
  }
}

}  // namespace
}  // namespace atelier
