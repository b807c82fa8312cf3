#include "common/digest.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// FIPS 180-2, appendix B.
constexpr char kAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kEmpty[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(DigestTest, AgreesWithTheStandard) {
  EXPECT_EQ(HexDigest("abc"), kAbc);
  EXPECT_EQ(HexDigest(""), kEmpty);
}

TEST(DigestTest, PiecesHashLikeTheWhole) {
  Sha256 hash;
  hash.Update("a");
  hash.Update("");
  hash.Update("bc");
  EXPECT_EQ(hash.HexDigest(), kAbc);
}

TEST(DigestTest, HashesAFileAcrossItsBuffers) {
  const TempFolder folder;
  const std::string path = folder.File("bytes");
  const std::string bytes(1'000'003, 'x');
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(HexDigestOfFile(path).value(), HexDigest(bytes));
}

TEST(DigestTest, NamesTheFileItCannotRead) {
  const auto missing = HexDigestOfFile("/no/such/file").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("/no/such/file"));
  EXPECT_EQ(HexDigestOfFile("/").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(DigestTest, KnowsADigestWhenItSeesOne) {
  EXPECT_TRUE(IsHexDigest(kAbc));
  EXPECT_FALSE(IsHexDigest(""));
  EXPECT_FALSE(IsHexDigest(std::string(63, 'a')));
  EXPECT_FALSE(IsHexDigest(std::string(64, 'A')));
  EXPECT_FALSE(IsHexDigest(std::string(64, 'g')));
}

}  // namespace
}  // namespace atelier
