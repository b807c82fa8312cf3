#include "client/lib/file_finder.h"

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

class FileFinderTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.File(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    EXPECT_TRUE(WriteFile(path, bytes, Durability::kAtomic).ok());
    return path;
  }
  std::string Find(const std::string& bytes, const std::string& name = "") {
    return finder_.Find(HexDigest(bytes), name, folder_.path());
  }

  const TempFolder folder_;
  FileFinder finder_;
};

TEST_F(FileFinderTest, FindsWhatLiesInTheFolderWhateverItIsCalled) {
  Write("a.jpg", "one");
  const std::string path = Write("b.jpg", "two");
  EXPECT_EQ(Find("two"), path);
  EXPECT_EQ(Find("two", "other.jpg"), path);
  EXPECT_EQ(Find("three"), "");
}

TEST_F(FileFinderTest, ANameMayLeadIntoAFolderBelow) {
  const std::string path = Write("photos/a.jpg", "one");
  EXPECT_EQ(Find("one"), "");
  EXPECT_EQ(Find("two", "photos/a.jpg"), "") << "has other bytes";
  EXPECT_EQ(Find("one", "photos/a.jpg"), path);
}

TEST_F(FileFinderTest, WhatSomebodyKnowsIsNotReadAgain) {
  finder_.Add(HexDigest("pipe"), "/dev/fd/63");
  EXPECT_EQ(Find("pipe"), "/dev/fd/63");
  EXPECT_EQ(finder_.FindKnown(HexDigest("pipe")), "/dev/fd/63");
  EXPECT_EQ(finder_.FindKnown(HexDigest("other")), "");
}

TEST_F(FileFinderTest, EachFileIsReadOnce) {
  const std::string path = Write("a.jpg", "one");
  EXPECT_EQ(Find("none of them"), "");
  Write("a.jpg", "changed");
  EXPECT_EQ(Find("one"), path);
}

TEST_F(FileFinderTest, LooksThroughABoundedNumberOfFiles) {
  for (int i = 0; i < 600; ++i) {
    Write(absl::StrCat(i, ".txt"), absl::StrCat("text ", i));
  }
  int found = 0;
  for (int i = 0; i < 600; ++i) {
    found += Find(absl::StrCat("text ", i)).empty() ? 0 : 1;
  }
  EXPECT_EQ(found, 500);
}

TEST_F(FileFinderTest, AFolderThatIsNotThereHasNothing) {
  EXPECT_EQ(finder_.Find(HexDigest("one"), "a.jpg", folder_.File("absent")),
            "");
}

}  // namespace
}  // namespace atelier
