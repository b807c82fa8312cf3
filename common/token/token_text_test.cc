#include "common/token/token_text.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// By Python's zlib.crc32.
constexpr char kRead[] = "atl_r0123456789ABCDEFGHIJKLMNOPQRSTUV03CqGX";
constexpr char kSubmit[] = "atl_szzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz2u9iJP";
constexpr char kWork[] = "atl_wWXYZabcdefghijklmnopqrstuvwxyz0120Kx1d";
constexpr char kAdmin[] = "atl_a000000000000000000000000000000002HhrgT";
// Its checksum begins with two zeros.
constexpr char kPadded[] = "atl_a0000000000000000000000000000015000Xsnv";

TEST(TokenTextTest, ATokenThatWasMadeHasItsFormAndPasses) {
  for (const char role : {'r', 's', 'w', 'a'}) {
    const std::string token = MakeToken(role);
    EXPECT_THAT(token, MatchesRegex("atl_[rswa][0-9A-Za-z]{38}"));
    EXPECT_EQ(token[4], role);
    EXPECT_EQ(CheckToken(token), absl::OkStatus());
  }
}

TEST(TokenTextTest, NoTwoAreEqual) {
  std::set<std::string> tokens, accessors;
  for (int i = 0; i < 1000; ++i) {
    tokens.insert(MakeToken('r'));
    accessors.insert(MakeAccessor());
  }
  EXPECT_EQ(tokens.size(), 1000);
  EXPECT_EQ(accessors.size(), 1000);
}

// Bytes modulo 62 would give the first eight digits a quarter more than the
// others: 5000 of these, 14 standard deviations above the mean of 4129.
TEST(TokenTextTest, EachDigitIsAsLikely) {
  std::map<char, int> counts;
  for (int i = 0; i < 1000; ++i) {
    for (const char digit : MakeToken('w').substr(5, 32)) ++counts[digit];
  }
  EXPECT_EQ(counts.size(), 62);
  int first_eight = 0;
  for (const char digit : std::string("01234567")) first_eight += counts[digit];
  EXPECT_NEAR(first_eight, 32000 * 8 / 62, 500);
}

TEST(TokenTextTest, TheChecksumIsTheCrc32InBase62) {
  for (const char* token : {kRead, kSubmit, kWork, kAdmin, kPadded}) {
    EXPECT_EQ(CheckToken(token), absl::OkStatus()) << token;
  }
}

TEST(TokenTextTest, OneChangedCharacterIsNoticed) {
  const std::string token = kRead;
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : std::string("0Zazr_\n\0\xff", 9)) {
      if (other == token[i]) continue;
      std::string changed = token;
      changed[i] = other;
      EXPECT_TRUE(absl::IsInvalidArgument(CheckToken(changed)))
          << i << " as " << int{other};
    }
  }
}

TEST(TokenTextTest, AnErrorSaysWhatIsWrongAndQuotesNothing) {
  const std::string random = "Q9x8Kq7Yz6Wv5Tu4";
  struct Case {
    std::string text;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"", "does not begin with atl_"},
      {"ATL_r" + random + random + "03CqGX", "does not begin with atl_"},
      {" atl_r" + random + random + "03CqGX", "does not begin with atl_"},
      {"atl_r" + random, "has 21 characters; 43 are expected"},
      {"atl_r" + random + random + "03CqGX\n", "has 44 characters; 43"},
      {"atl_x" + random + random + "03CqGX", "names no role; r, s, w or a"},
      {"atl_r" + random + random + "03CqG\n", "none of 0-9, A-Z and a-z"},
      {"atl_r" + random + random + "03CqGX", "its checksum does not match"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text);
    const absl::Status status = CheckToken(one.text);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), HasSubstr(one.says));
    EXPECT_THAT(status.message(), Not(HasSubstr("Q9x8")));
    EXPECT_THAT(status.message(), Not(HasSubstr("03Cq")));
  }
}

TEST(TokenTextTest, TheHashIsSha256) {
  EXPECT_EQ(TokenHash(kRead),
            "eb40766d57e28dc119dd9fe3cd3b3ccce817352c5f0b4a2e985ce5490a64d056");
  EXPECT_TRUE(IsHexDigest(TokenHash(MakeToken('a'))));
}

TEST(TokenTextTest, AnAccessorIsTwelveHexDigits) {
  EXPECT_THAT(MakeAccessor(), MatchesRegex("[0-9a-f]{12}"));
}

}  // namespace
}  // namespace atelier
