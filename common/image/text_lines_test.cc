#include "common/image/text_lines.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TextStyle kStyle = {12, false};

TEST(TextBreakerTest, KeepsOnOneLineWhatFits) {
  TextBreaker breaker;
  EXPECT_THAT(*breaker.Break("style_weight 1500", kStyle, 400, 3),
              ElementsAre("style_weight 1500"));
  EXPECT_THAT(*breaker.Break("", kStyle, 400, 3), IsEmpty());
  EXPECT_THAT(*breaker.Break("  ", kStyle, 400, 3), IsEmpty());
}

TEST(TextBreakerTest, BreaksBetweenWords) {
  TextBreaker breaker;
  const int word = *breaker.WidestWord("style_weight 1500", kStyle);
  EXPECT_EQ(word, *breaker.Width("style_weight", kStyle));
  EXPECT_THAT(*breaker.Break("style_weight 1500", kStyle, word, 3),
              ElementsAre("style_weight", "1500"));
}

TEST(TextBreakerTest, BreaksWordsOnlyWhereTheyAreTooWide) {
  TextBreaker breaker;
  const int width = *breaker.Width("style_", kStyle);
  EXPECT_THAT(*breaker.Break("style_weight 1500", kStyle, width + 30, 3),
              ElementsAre("style_", "weight", "1500"));
}

TEST(TextBreakerTest, LeavesTheRestToTheLastLine) {
  TextBreaker breaker;
  EXPECT_THAT(*breaker.Break("one two three four", kStyle, 30, 2),
              ElementsAre("one", "two three four"));
}

TEST(TextBreakerTest, EscapesBeforeItBreaks) {
  TextBreaker breaker;
  EXPECT_THAT(*breaker.Break("a\xff\nb", kStyle, 400, 3),
              ElementsAre("a\\xff\\nb"));
}

TEST(TextBreakerTest, LosesNoLetter) {
  TextBreaker breaker;
  const std::string text = "content-layers conv_1,conv_2;conv_13 a/b:c";
  for (int width : {1, 20, 50, 90, 1000}) {
    const auto lines = breaker.Break(text, kStyle, width, 100);
    ASSERT_TRUE(lines.ok()) << lines.status();
    std::string joined = absl::StrJoin(*lines, "");
    std::string without_spaces = text;
    for (std::string* t : {&joined, &without_spaces}) {
      t->erase(std::remove(t->begin(), t->end(), ' '), t->end());
    }
    EXPECT_EQ(joined, without_spaces);
  }
}

}  // namespace
}  // namespace atelier
