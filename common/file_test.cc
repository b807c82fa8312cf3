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

TEST_F(FileTest, ANameAsLongAsTheFileSystemTakesCanBeWritten) {
  std::string mountains = "/";
  for (int i = 0; i < 85; ++i) mountains += "\xe5\xb1\xb1";  // 255 bytes.
  for (const std::string& name : {"/" + std::string(255, 'n'), mountains}) {
    SCOPED_TRACE(name);
    const std::string part = PartName(folder_ + name);
    EXPECT_LE(std::filesystem::path(part).filename().string().size(), 255);
    EXPECT_NE(part.find('.'), std::string::npos);
    EXPECT_NE(static_cast<unsigned char>(part[part.find('.') - 1]) & 0xC0, 0xC0)
        << "a cut character";
    EXPECT_TRUE(WriteFile(folder_ + name, "x", Durability::kDurable).ok());
    EXPECT_EQ(*ReadFile(folder_ + name, 1), "x");
  }
  EXPECT_EQ(FileCount(), 2);
}

TEST_F(FileTest, OutputGoesWhereSymbolicLinksLead) {
  std::filesystem::create_directories(folder_ + "/real");
  const std::string link = folder_ + "/link";
  std::filesystem::create_symlink("real/file", link);
  ASSERT_TRUE(WriteOutput(link, "new").ok()) << "which was not there";
  ASSERT_TRUE(WriteOutput(link, "newer").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(*ReadFile(folder_ + "/real/file", 9), "newer");

  std::filesystem::create_symlink("link", folder_ + "/to-the-link");
  ASSERT_TRUE(WriteOutput(folder_ + "/to-the-link", "newest").ok());
  EXPECT_EQ(*ReadFile(folder_ + "/real/file", 9), "newest");

  std::filesystem::create_symlink("real", folder_ + "/folder");
  EXPECT_EQ(*FollowLinks(folder_ + "/folder/"), folder_ + "/real");
  EXPECT_EQ(*FollowLinks(folder_ + "/plain"), folder_ + "/plain");

  std::filesystem::create_symlink("circle", folder_ + "/circle");
  EXPECT_EQ(WriteOutput(folder_ + "/circle", "x").code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileTest, OutputLeavesADeviceADevice) {
  std::filesystem::create_symlink("/dev/null", folder_ + "/null");
  EXPECT_TRUE(WriteOutput(folder_ + "/null", "bytes").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ + "/null"));
  EXPECT_EQ(WriteOutput("/dev/full", "bytes").code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(FileTest, MakesFoldersOnceOrTwice) {
  const std::string deep = folder_ + "/a/b/c";
  EXPECT_TRUE(MakeFolders(deep).ok());
  EXPECT_TRUE(MakeFolders(deep).ok());
  EXPECT_TRUE(std::filesystem::is_directory(deep));
}

}  // namespace
}  // namespace atelier
