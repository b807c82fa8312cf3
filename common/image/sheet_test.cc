#include "common/image/sheet.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/canvas.h"
#include "common/image/pictures_testing.h"
#include "common/image/sheet_plan.h"
#include "common/image/text_lines.h"
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
  Sheet sheet;
  sheet.blocks = {{"", {{"", std::move(cells)}}}};
  sheet.cell_px = 64;
  return sheet;
}

TEST(SheetTest, ShowsEveryPictureWholeAndInItsAspect) {
  const auto drawn = DrawSheet(
      OneRow({{Plain(128, 96, 0.25f), "a"}, {Plain(96, 128, 0.5f), "b"}}));
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_EQ(CountOf(*drawn, 0.25f), 3 * 64 * 48);
  EXPECT_EQ(CountOf(*drawn, 0.5f), 3 * 64 * 48);
}

TEST(SheetTest, WritesTitleAndLabels) {
  Sheet sheet = OneRow({{Plain(64, 48, 0.25f), "c"}});
  sheet.title = "a";
  const auto before = DrawSheet(sheet);
  sheet.title = "b";
  const auto other_title = DrawSheet(sheet);
  sheet.blocks[0].rows[0].cells[0].label = "conv_1";
  const auto labelled = DrawSheet(sheet);
  ASSERT_TRUE(before.ok() && other_title.ok() && labelled.ok());
  EXPECT_GT(Differences(*before, *other_title), 20);
  EXPECT_GT(Differences(*other_title, *labelled), 100);
  sheet.blocks[0].rows[0].label = "row";
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
  sheet.blocks = {
      {"",
       {{"one", {{Plain(64, 64, 0.25f), "a"}}},
        {"two", {{Plain(64, 64, 0.5f), "b"}, {Plain(64, 64, 0.75f), "c"}}}}}};
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
  sheet.blocks[0].rows[0].cells[0].label = std::string(300, 'M');
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
}

Sheet::Row RowOf(const std::string& label, std::vector<SheetCell> cells) {
  return {label, std::move(cells)};
}

// Where pixels of a colour are: first column and row, last column and row.
std::vector<int> BoundsOf(const Image& image, const Colour& colour) {
  int left = image.width_px;
  int top = image.height_px;
  int right = -1;
  int bottom = -1;
  const int area = image.width_px * image.height_px;
  for (int i = 0; i < area; ++i) {
    bool is_it = true;
    for (int c = 0; c < 3; ++c) {
      is_it = is_it && std::abs(image.rgb[c * area + i] - colour[c]) < 1e-4f;
    }
    if (!is_it) continue;
    left = std::min(left, i % image.width_px);
    right = std::max(right, i % image.width_px);
    top = std::min(top, i / image.width_px);
    bottom = std::max(bottom, i / image.width_px);
  }
  return {left, top, right, bottom};
}

// Of a grey.
std::vector<int> BoundsOf(const Image& image, float value) {
  return BoundsOf(image, Colour{value, value, value});
}

TEST(SheetTest, PutsBlocksSideBySideInReadingOrder) {
  Sheet sheet;
  sheet.cell_px = 64;
  for (int b = 0; b < 6; ++b) {
    const float value = 0.1f + 0.1f * static_cast<float>(b);
    sheet.blocks.push_back({absl::StrCat("seed ", b),
                            {RowOf("row", {{Plain(64, 64, value), "x"}}),
                             RowOf("", {{Plain(64, 64, 0.05f), "y"}})}});
  }
  const auto drawn = DrawSheet(sheet);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  std::vector<int> last = BoundsOf(*drawn, 0.1f);
  int bands = 1;
  for (int b = 1; b < 6; ++b) {
    const std::vector<int> at =
        BoundsOf(*drawn, 0.1f + 0.1f * static_cast<float>(b));
    EXPECT_EQ(at[2] - at[0], 63);
    const bool is_beside = at[1] == last[1] && at[0] > last[2];
    const bool is_below = at[1] > last[3] && at[0] < last[0];
    EXPECT_TRUE(is_beside || is_below) << b;
    bands += is_below;
    last = at;
  }
  EXPECT_EQ(bands, 2);
}

TEST(SheetTest, WrapsLabelsIntoThreeLines) {
  const auto height_of = [](const std::string& label) {
    return DrawSheet(OneRow({{Plain(64, 48, 0.25f), label}}))->height_px;
  };
  const int one = height_of("1500");
  const int two = height_of("style_weight 1500");
  EXPECT_GT(two, one);
  EXPECT_EQ(height_of("one two three four five six seven eight nine ten") - one,
            2 * (two - one));
}

TEST(SheetTest, WidensColumnsForWords) {
  const auto width_of = [](const std::string& label) {
    return DrawSheet(OneRow({{Plain(64, 64, 0.25f), label}}))->width_px;
  };
  EXPECT_GT(width_of("style_weight 1"), width_of("a b c d e f 1"));
  EXPECT_EQ(width_of(std::string(100, 'W')), width_of(std::string(200, 'W')));
}

TEST(SheetTest, MarksACellOutsideOfItsPicture) {
  Sheet sheet =
      OneRow({{Plain(64, 64, 0.25f), "a"}, {Plain(64, 64, 0.5f), ""}});
  const auto plain = DrawSheet(sheet);
  sheet.blocks[0].rows[0].cells[1].flag = "best ssim 0.83";
  const auto marked = DrawSheet(sheet);
  ASSERT_TRUE(plain.ok() && marked.ok());
  EXPECT_GT(marked->height_px, plain->height_px);
  EXPECT_EQ(CountOf(*marked, 0.25f), 3 * 64 * 64);
  EXPECT_EQ(CountOf(*marked, 0.5f), 3 * 64 * 64);
  // A frame, and the flag below it.
  const std::vector<int> mark = BoundsOf(*marked, {0.80f, 0.20f, 0.08f});
  const std::vector<int> picture = BoundsOf(*marked, 0.5f);
  EXPECT_LT(mark[0], picture[0]);
  EXPECT_LT(mark[1], picture[1]);
  EXPECT_GT(mark[3], picture[3] + 12);
  EXPECT_GT(mark[0], BoundsOf(*marked, 0.25f)[2]);
}

TEST(SheetTest, ShowsInputsLeftOfTheGrid) {
  Sheet sheet = OneRow({{Plain(64, 64, 0.25f), "a"}});
  sheet.inputs = {{Plain(64, 32, 0.5f), "content: a.jpg"},
                  {Image(), "style: b.jpg", "missing"}};
  const auto drawn = DrawSheet(sheet);
  ASSERT_TRUE(drawn.ok()) << drawn.status();
  EXPECT_LT(BoundsOf(*drawn, 0.5f)[2], BoundsOf(*drawn, 0.25f)[0]);
  sheet.inputs[1].gap = "damaged";
  const auto other = DrawSheet(sheet);
  EXPECT_GT(Differences(*drawn, *other), 20);
}

TEST(SheetTest, WrapsTitleAndSubtitleToItsWidth) {
  Sheet sheet = OneRow({{Plain(64, 64, 0.25f), ""}});
  sheet.title = "night sweep";
  const auto before = DrawSheet(sheet);
  sheet.subtitle = "size 224, iterations 150, convention gordicaleksa, init";
  const auto one = DrawSheet(sheet);
  sheet.subtitle += " noise, content_layers conv_2, style_layers conv_1-5";
  const auto two = DrawSheet(sheet);
  ASSERT_TRUE(before.ok() && one.ok() && two.ok());
  EXPECT_EQ(one->width_px, before->width_px);
  EXPECT_GT(one->height_px, before->height_px);
  EXPECT_EQ(two->width_px, one->width_px);
  EXPECT_GT(two->height_px, one->height_px);
}

// Of tiny pictures: a plan looks at their sides alone.
Sheet Many(int blocks, int rows, int columns) {
  Sheet sheet;
  for (int b = 0; b < blocks; ++b) {
    Sheet::Block& block = sheet.blocks.emplace_back();
    block.title = "a block of several words";
    for (int r = 0; r < rows; ++r) {
      block.rows.push_back(
          RowOf("content_weight 1000",
                std::vector<SheetCell>(
                    columns, {Plain(4, 3, 0.5f), "style_weight 1500"})));
    }
  }
  return sheet;
}

TEST(SheetTest, ShrinksUntilItsPixelsAreBounded) {
  const struct {
    int blocks, rows, columns;
  } kCases[] = {{1, 1, 2000}, {1, 2000, 1},  {2000, 1, 1}, {1, 45, 45},
                {40, 10, 5},  {1, 100, 200}, {4, 4, 4},    {2000, 1, 10}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(absl::StrCat(c.blocks, " ", c.rows, " ", c.columns));
    const Sheet sheet = Many(c.blocks, c.rows, c.columns);
    TextBreaker breaker;
    const auto plan = PlanSheet(sheet, breaker);
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_LE(int64_t{plan->width} * plan->height, kMaxSheetPixels);
    EXPECT_GE(plan->cell_px, 16);
    if (c.blocks * c.rows * c.columns < 100) {
      EXPECT_EQ(plan->cell_px, 256);
      EXPECT_EQ(plan->label_lines, 3);
    }
  }
  TextBreaker breaker;
  EXPECT_THAT(PlanSheet(Many(1, 1000, 1000), breaker).status().message(),
              HasSubstr("sheet would have"));
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
