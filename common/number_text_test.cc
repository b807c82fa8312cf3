#include "common/number_text.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(NumberTextTest, ReadsDecimalNumbers) {
  const struct {
    const char* text;
    double value;
  } kCases[] = {{"300", 300}, {"0", 0},     {"-0.5", -0.5}, {".5", .5},
                {"5.", 5},    {"1e5", 1e5}, {"1E+05", 1e5}, {"1.5e-3", 1.5e-3},
                {"+3", 3},    {"0.1", 0.1}, {" 7 ", 7},     {"1e-400", 0}};
  for (const auto& [text, value] : kCases) {
    SCOPED_TRACE(text);
    double read = -1;
    EXPECT_TRUE(ReadNumber(text, read));
    EXPECT_EQ(read, value);
  }
}

TEST(NumberTextTest, NothingElseIsANumber) {
  for (const char* text :
       {"",      ".",    "e5",   "1e",      "1e5.5", "010",   "-010",
        "00.5",  "0x10", "0o17", "0b1",     "1_000", "1,000", "1 000",
        "12:30", "inf",  ".inf", "nan",     ".nan",  "1e400", "no",
        "~",     "5px",  "--5",  "\xd9\xa3"}) {
    SCOPED_TRACE(text);
    double value = 0;
    EXPECT_FALSE(ReadNumber(text, value));
    int64_t whole = 0;
    EXPECT_FALSE(ReadNumber(text, whole));
  }
}

TEST(NumberTextTest, WholeNumbersAreExactAndInRange) {
  const struct {
    const char* text;
    uint64_t value;
  } kCases[] = {{"0", 0},
                {"-0", 0},
                {"1e3", 1000},
                {"2.0", 2},
                {"2.50e1", 25},
                {"0.03e2", 3},
                {"120e-1", 12},
                {"0e999999999999", 0},
                {"18446744073709551615", std::numeric_limits<uint64_t>::max()}};
  for (const auto& [text, value] : kCases) {
    SCOPED_TRACE(text);
    uint64_t read = 1;
    EXPECT_TRUE(ReadNumber(text, read));
    EXPECT_EQ(read, value);
  }
  for (const char* text : {"2.5", "1e-1", "-1", "18446744073709551616", "1e20",
                           "1e999999999999"}) {
    SCOPED_TRACE(text);
    uint64_t read = 1;
    EXPECT_FALSE(ReadNumber(text, read));
  }
  int small = 0;
  EXPECT_FALSE(ReadNumber("2147483648", small));
  EXPECT_TRUE(ReadNumber("-2147483648", small));
}

TEST(NumberTextTest, SaysWhatWasMeant) {
  const struct {
    const char* text;
    NumberKind kind;
    const char* correction;
  } kCases[] = {
      {"010", NumberKind::kWhole, "'010' is not a number; write 10"},
      {"-007", NumberKind::kAny, "'-007' is not a number; write -7"},
      {"00.50", NumberKind::kAny, "'00.50' is not a number; write 0.50"},
      {"0x10", NumberKind::kWhole, "'0x10' is not a number; write 16"},
      {"0XfF", NumberKind::kWhole, "'0XfF' is not a number; write 255"},
      {"0o17", NumberKind::kWhole, "'0o17' is not a number; write 15"},
      {"0b101", NumberKind::kWhole, "'0b101' is not a number; write 5"},
      {"1_000", NumberKind::kAny, "'1_000' is not a number; write 1000"},
      {"1,000,000.5", NumberKind::kAny,
       "'1,000,000.5' is not a number; write 1000000.5"},
      {"1,5", NumberKind::kAny, "'1,5' is not a number; write 1.5"},
      {"1 000", NumberKind::kAny, "'1 000' is not a number; write 1000"},
      {"12:30", NumberKind::kAny, "'12:30' is not a number; write 750"},
      {"2.5", NumberKind::kWhole, "'2.5' is not a whole number; write 3"},
      {"2.5", NumberKind::kAny, ""},
      {"18446744073709551616", NumberKind::kWhole, ""},
      {"0x", NumberKind::kWhole, ""},
      {"0o19", NumberKind::kWhole, ""},
      {"0xffffffffffffffffffff", NumberKind::kWhole, ""},
      {"1,00,0", NumberKind::kAny, ""},
      {"12:61", NumberKind::kAny, ""},
      {".inf", NumberKind::kAny, ""},
      {"many", NumberKind::kAny, ""},
      {"", NumberKind::kAny, ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(NumberCorrection(c.text, c.kind,
                               [](absl::string_view) { return true; }),
              c.correction);
  }
  EXPECT_EQ(NumberCorrection("010", NumberKind::kWhole,
                             [](absl::string_view) { return false; }),
            "");
}

}  // namespace
}  // namespace atelier
