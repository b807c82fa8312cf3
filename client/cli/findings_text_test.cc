#include "client/cli/findings_text.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Finding FindingOf(std::vector<Finding::Row> rows) {
  return {{"psnr", "layer"}, "the original study", std::move(rows)};
}

TEST(FindingsTextTest, IsATableOfEachWithWhatWasChosen) {
  const Finding layers = FindingOf(
      {{"", {{"conv_1", 38.21}, {"conv_2", 31, true}, {"conv_3", {}}}}});
  Finding starts =
      FindingOf({{"gatys", {{"noise", 9.5}, {"content", 20.25, true}}},
                 {"spst", {{"content", 21, true}}}});
  starts.shown = {"ssim", "start"};
  EXPECT_EQ(FindingsText({{"content-layers", {layers}}, {"starts", {starts}}}),
            "content-layers: psnr (dB) by layer\n"
            "  conv_1  conv_2  conv_3\n"
            "  38.21   31*     absent\n"
            "starts: ssim by start\n"
            "         noise  content\n"
            "  gatys  9.5    20.25*\n"
            "  spst          21*\n"
            "* chosen by the original study\n");
}

TEST(FindingsTextTest, SaysWhatNoResultHas) {
  EXPECT_EQ(FindingsText({{"job", {FindingOf({{"", {{"a", {}, true}}}})}}}),
            "job: psnr (dB) by layer: absent, as no result has it (earlier "
            "workers measure less)\n");
  EXPECT_EQ(FindingsText({{"job", {}}}), "");
  EXPECT_EQ(FindingsText({}), "");
}

TEST(FindingsTextTest, FoldsManyValuesAndLeavesOutWhatIsTooMuch) {
  std::vector<FoundValue> values;
  for (int i = 0; i < 30; ++i)
    values.push_back({absl::StrCat("v", i), 1.0 * i});
  const std::string text = FindingsText({{"job", {FindingOf({{"", values}})}}});
  EXPECT_THAT(
      text, AllOf(HasSubstr("\n  v8"), HasSubstr("v23"), Not(HasSubstr("v24")),
                  HasSubstr("  and more, see results.csv\n")));
}

TEST(FindingsTextTest, NamesOfOthersAreEscaped) {
  Finding finding = FindingOf({{"\x1b[2J", {{"a\nb", 1.0, true}}}});
  finding.chosen_by = "\x1b[31m";
  EXPECT_THAT(FindingsText({{"\x1b]0;", {finding}}}),
              AllOf(Not(HasSubstr("\x1b")), HasSubstr("a\\nb")));
}

}  // namespace
}  // namespace atelier
