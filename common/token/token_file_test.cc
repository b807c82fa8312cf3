#include "common/token/token_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TokenFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& bytes,
                                   mode_t mode = 0600) const {
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary) << bytes;
    chmod(path_.c_str(), mode);
    return ReadTokenFile(path_);
  }
  void ExpectRefused(const absl::Status& status,
                     const std::string& what) const {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith(absl::StrCat(path_, ": ", what)),
                      HasSubstr("0600 or 0400"), HasSubstr("4096 bytes"),
                      Not(HasSubstr("secret"))));
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("token");
};

TEST_F(TokenFileTest, IsOneLineOfItsOwnerAlone) {
  EXPECT_EQ(*Read("atl_s01\n"), "atl_s01");
  EXPECT_EQ(*Read("atl_s02", 0400), "atl_s02");
  EXPECT_EQ(*Read(std::string(4095, 'a') + "\n"), std::string(4095, 'a'));
  const std::string link = folder_.File("link");
  std::filesystem::create_symlink(path_, link);
  EXPECT_EQ(ReadTokenFile(link)->size(), 4095);
}

TEST_F(TokenFileTest, EveryOtherModeIsRefusedAndNamed) {
  for (const auto& [mode, name] : {std::pair<mode_t, const char*>{0644, "0644"},
                                   {0640, "0640"},
                                   {0604, "0604"},
                                   {0660, "0660"},
                                   {0700, "0700"},
                                   {04600, "4600"}}) {
    SCOPED_TRACE(name);
    ExpectRefused(Read("secret\n", mode).status(),
                  absl::StrCat("its mode is ", name, ";"));
  }
}

TEST_F(TokenFileTest, OtherBytesAreRefusedAndNotQuoted) {
  const struct {
    std::string bytes;
    const char* what;
  } kCases[] = {
      {"", "it is empty"},
      {"\n", "it is empty"},
      {"secret\n\n", "more than one line"},
      {"secret\nsecret", "more than one line"},
      {"secret\r\n", "it has other characters"},
      {"secret \n", "it has other characters"},
      {"secret-\n", "it has other characters"},
      {std::string("secret\0", 7), "it has other characters"},
      {"secret\xc3\xa9", "it has other characters"},
      {std::string(4097, 'a'), "4097 bytes"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ExpectRefused(Read(c.bytes).status(), c.what);
  }
}

TEST_F(TokenFileTest, WhatIsNoRegularFileIsRefusedAtOnce) {
  std::filesystem::create_directory(path_);
  ExpectRefused(ReadTokenFile(path_).status(), "not a regular file");
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  ExpectRefused(ReadTokenFile(path_).status(), "not a regular file");
}

TEST_F(TokenFileTest, OneThatIsNotThereIsNotFound) {
  EXPECT_EQ(ReadTokenFile(path_).status(),
            absl::NotFoundError(path_ + ": no such file"));
  EXPECT_TRUE(absl::IsNotFound(ReadTokenFile(path_ + "/below").status()));
}

TEST(IsTokenTest, HasNoCharacterThatCouldEndAHeader) {
  EXPECT_TRUE(IsToken("atl_s0aZ9"));
  for (const char* text : {"", "a\r", "a\nb: c", "a b", "a-b", "\x7f", "é"}) {
    EXPECT_FALSE(IsToken(text)) << text;
  }
  EXPECT_FALSE(IsToken(std::string(4097, 'a')));
}

}  // namespace
}  // namespace atelier
