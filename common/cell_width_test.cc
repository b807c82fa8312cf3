#include "common/cell_width.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(CellWidthTest, CountsCellsNotBytes) {
  const struct {
    const char* text;
    int cells;
  } kCases[] = {
      {"", 0},
      {"day/night_2", 11},
      {"Grüße", 5},
      {"Gru\u0308\u00dfe", 5},  // A combining mark.
      {"画風転写", 8},
      {"ｆｕｌｌ", 8},
      {"ｶﾅ", 2},  // Halfwidth.
      {"한국어", 6},
      {"\u1112\u1161\u11ab", 2},  // The same, in pieces.
      {"🎨", 2},
      {"👩🏽‍🎨", 2},  // A joiner and a skin tone.
      {"👨‍👩‍👧‍👦", 2},
      {"🇩🇪", 2},
      {"❤", 1},
      {"❤\ufe0f", 2},
      {"مرحبا", 5},
      {"नमस्ते", 4},
      {"สวัสดี", 4},
      {"a\u200db", 2},
      {"\xff\xfe", 2},
  };
  for (const auto& c : kCases) EXPECT_EQ(CellWidth(c.text), c.cells) << c.text;
}

TEST(CellWidthTest, FitsWithoutCuttingACharacter) {
  const struct {
    const char* text;
    int most_cells;
    const char* fitted;
  } kCases[] = {
      {"portrait", 8, "portrait"},
      {"portrait", 7, "portra…"},
      {"画風転写", 8, "画風転写"},
      {"画風転写", 7, "画風転…"},
      {"画風転写", 6, "画風…"},
      {"画風転写", 1, "…"},
      {"画風転写", 0, ""},
      {"a👩🏽‍🎨b", 4, "a👩🏽‍🎨b"},
      {"a👩🏽‍🎨bc", 4, "a👩🏽‍🎨…"},
      {"a👩🏽‍🎨bc", 3, "a…"},
      {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
      {"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(FittedText(c.text, c.most_cells), c.fitted) << c.text;
    EXPECT_LE(CellWidth(c.fitted), c.most_cells);
  }
}

}  // namespace
}  // namespace atelier
