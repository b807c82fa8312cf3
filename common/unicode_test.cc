#include "common/unicode.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(UnicodeTest, PrintableTextReplacesWhatIsNoText) {
  EXPECT_EQ(PrintableText("caf\xe9.png"), "caf\xef\xbf\xbd.png");
  EXPECT_EQ(PrintableText("a\nb\x1b[2J\xe2\x80\xae"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd[2J\xef\xbf\xbd");
  EXPECT_EQ(PrintableText("日本語 Ärger"), "日本語 Ärger");
  EXPECT_EQ(PrintableText(absl::string_view("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
}

TEST(UnicodeTest, CountsCodePoints) {
  EXPECT_EQ(CountCharacters("日本語"), 3);
  EXPECT_EQ(CountCharacters("caf\xe9"), 4);
  EXPECT_EQ(CountCharacters(""), 0);
}

TEST(UnicodeTest, CutsBetweenCharactersAsReadersSeeThem) {
  EXPECT_EQ(CutBetweenCharacters("abc", 3), "abc");
  EXPECT_EQ(CutBetweenCharacters("abc", 2), "ab");
  EXPECT_EQ(CutBetweenCharacters("日本語", 8), "日本");
  EXPECT_EQ(CutBetweenCharacters("ae\u0301", 3), "a") << "a letter, its accent";
  EXPECT_EQ(CutBetweenCharacters("a\U0001F469\u200D\U0001F3A8", 8), "a")
      << "a joined emoji";
  EXPECT_EQ(CutBetweenCharacters("e\u0301\u0301\u0301", 4), "e\u0301")
      << "one character that is longer than allowed";
  EXPECT_EQ(CutBetweenCharacters("語", 2), "");
}

TEST(UnicodeTest, ShortensToCodePoints) {
  EXPECT_EQ(ShortenedText("short", 5), "short");
  EXPECT_EQ(ShortenedText("longer", 5), "lo...");
  EXPECT_EQ(ShortenedText("日本語日本語", 5), "日本...");
  EXPECT_EQ(ShortenedText("\xff", 4), "\xef\xbf\xbd");
}

TEST(UnicodeTest, TheKeyIsThatOfAnyFileSystem) {
  const struct {
    const char* one;
    const char* other;
  } kSame[] = {
      {"Day", "dAY"},
      {"Ärger", "A\u0308rger"},
      {"STRASSE", "straße"},
      {"Σίσυφος", "ΣΊΣΥΦΟΣ"},
      {"ﬁne", "fine"},
      {"ａｂｃ", "abc"},
      {"a\u200Db", "ab"},
      {"ı", "I"},
      {"µ", "μ"},
      {"가", "\u1100\u1161"},
      {"Å", "Å"},
      {"\u03C5\u0308\u0301", "ΰ"},
      {"\u0345", "\u03B9"},
  };
  for (const auto& same : kSame) {
    SCOPED_TRACE(same.one);
    EXPECT_EQ(FileSystemKey(same.one), FileSystemKey(same.other));
  }
  EXPECT_NE(FileSystemKey("day"), FileSystemKey("dax"));
  EXPECT_NE(FileSystemKey("か"), FileSystemKey("が"));
  EXPECT_EQ(FileSystemKey("\xff"), FileSystemKey("\xfe"));
}

TEST(UnicodeTest, KnowsWhatWordsAreMadeOf) {
  for (char32_t code : {U'a', U'ß', U'語', U'ع', U'ह', U'ํ', U'٣', U'Ⅳ',
                        U'\U0001F305', U'\U0001F3FD', U'\u200C'}) {
    EXPECT_TRUE(IsInWords(code)) << static_cast<unsigned>(code);
  }
  for (char32_t code : {U'/', U'\0', U' ', U'\u00A0', U'\u202E', U'／', U'：',
                        U'\uFFFD', U'\uE000', U'~', U'^', U'\u3000'}) {
    EXPECT_FALSE(IsInWords(code)) << static_cast<unsigned>(code);
  }
}

}  // namespace
}  // namespace atelier
