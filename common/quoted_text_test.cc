#include "common/quoted_text.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace atelier {
namespace {

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(EscapedTextTest, LeavesTextOfAllScriptsAsItIs) {
  for (const std::string& text :
       {std::string(), std::string("a 'b' \"c\" \\ d"),
        std::string("Nächte über Zürich"), std::string("夜の街"),
        std::string("ليل"), std::string("😀👩‍💻❤️"),
        std::string("می‌خواهم")}) {
    EXPECT_EQ(EscapedText(text), text);
  }
}

TEST(EscapedTextTest, SpellsOutWhatSteersHidesOrReorders) {
  const std::pair<std::string, const char*> kCases[] = {
      {"\x1b[2J", "\\x1b[2J"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"a\r\n\tb", "a\\r\\n\\tb"},
      {"\x7f", "\\x7f"},
      {"\xC2\x9B"
       "2J",
       "\\u009b2J"},  // C1: CSI
      {"a\xE2\x80\xAE"
       "b",
       "a\\u202eb"},                        // right-to-left override
      {"\xE2\x81\xA6", "\\u2066"},          // left-to-right isolate
      {"\xE2\x80\xA8", "\\u2028"},          // line separator
      {"\xE2\x80\x8B", "\\u200b"},          // zero width space
      {"\xEF\xBB\xBF", "\\ufeff"},          // byte order mark
      {"\xF3\xA0\x81\x81", "\\U000e0041"},  // tag
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(EscapedText(text), expected);
  }
}

TEST(EscapedTextTest, SpellsOutBytesThatAreNoUtf8) {
  const std::pair<std::string, const char*> kCases[] = {
      {"caf\xE9", "caf\\xe9"},  // Latin-1
      {"\xE9t\xE9", "\\xe9t\\xe9"},
      {"\xC3", "\\xc3"},  // cut
      {"\xE5\xA4", "\\xe5\\xa4"},
      {"\xC0\x80", "\\xc0\\x80"},  // overlong
      {"\xE0\x80\x80", "\\xe0\\x80\\x80"},
      {"\xED\xA0\x80", "\\xed\\xa0\\x80"},  // surrogate
      {"\xF5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(EscapedText(text), expected);
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_TRUE(IsUtf8(expected));
  }
  EXPECT_TRUE(IsUtf8("夜\x1b"));
}

TEST(ClippedTextTest, LeavesWhatFits) {
  EXPECT_EQ(ClippedText("0123456789", 10), "0123456789");
  EXPECT_EQ(ClippedText("夜夜夜", 9), "夜夜夜");
}

TEST(ClippedTextTest, CutsNeitherCharactersNorEscapes) {
  EXPECT_EQ(ClippedText("0123456789a", 10), "0123456...");
  EXPECT_EQ(ClippedText("夜夜夜夜", 11), "夜夜...");
  EXPECT_EQ(ClippedText("夜夜夜夜", 9), "夜夜...");
  EXPECT_EQ(ClippedText("ab\x1b\x1b\x1b", 10), "ab\\x1b...");
  EXPECT_EQ(ClippedText("\x1b\x1b", 3), "...");
}

TEST(ClippedTextTest, IsBoundedAndUtf8ForEveryBound) {
  const std::string text = Repeated("a夜\x1b\xFF😀\xE2\x80\xAE", 20);
  for (size_t most = 3; most < 400; ++most) {
    const std::string clipped = ClippedText(text, most);
    EXPECT_LE(clipped.size(), most);
    EXPECT_TRUE(IsUtf8(clipped));
    EXPECT_EQ(EscapedText(clipped), clipped);
  }
}

TEST(QuotedTest, IsShortWhateverIsGiven) {
  EXPECT_EQ(Quoted("conv9_9"), "'conv9_9'");
  const std::string huge(1 << 20, 'x');
  EXPECT_EQ(Quoted(huge), "'" + std::string(kMaxQuotedBytes - 3, 'x') + "...'");
  EXPECT_LE(Quoted(Repeated("\x1b", 1 << 20)).size(), kMaxQuotedBytes + 2);
}

}  // namespace
}  // namespace atelier
