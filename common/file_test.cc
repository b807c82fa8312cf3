#include "common/file.h"

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  FileTest()
      : folder_(
            ::testing::TempDir() + "file_test_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }

  int FileCount() const {
    return static_cast<int>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const std::string folder_;
};

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::string bytes("a\0b\n", 4);
  for (Durability durability : {Durability::kAtomic, Durability::kDurable}) {
    ASSERT_TRUE(WriteFile(folder_ + "/f", bytes, durability).ok());
    EXPECT_EQ(*ReadFile(folder_ + "/f", 4), bytes);
  }
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTest, RefusesMoreThanTheBoundAndNamesBothFigures) {
  ASSERT_TRUE(WriteFile(folder_ + "/f", "12345", Durability::kAtomic).ok());
  const absl::Status status = ReadFile(folder_ + "/f", 4).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("larger than 4 bytes (it has 5)"));
}

TEST_F(FileTest, SaysWhatIsWrongWithAPath) {
  EXPECT_EQ(ReadFile(folder_ + "/none", 1).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile(folder_, 1).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(WriteFile(folder_ + "/none/f", "x", Durability::kDurable).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(FileTest, AFailedWriteLeavesNothingBehind) {
  // A folder cannot be replaced by a file, so the rename fails.
  std::filesystem::create_directories(folder_ + "/taken/inside");
  EXPECT_FALSE(WriteFile(folder_ + "/taken", "x", Durability::kDurable).ok());
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(FileTest, MakesFoldersOnceOrTwice) {
  const std::string deep = folder_ + "/a/b/c";
  EXPECT_TRUE(MakeFolders(deep).ok());
  EXPECT_TRUE(MakeFolders(deep).ok());
  EXPECT_TRUE(std::filesystem::is_directory(deep));
}

}  // namespace
}  // namespace atelier
