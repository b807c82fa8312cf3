#include "common/scratch_folder.h"

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class ScratchFolderTest : public testing::Test {
 protected:
  void SetUp() override { setenv("TMPDIR", root_.path().c_str(), 1); }
  void TearDown() override { unsetenv("TMPDIR"); }

  TempFolder root_;
};

TEST_F(ScratchFolderTest, GoesWithWhatItHolds) {
  std::string path;
  {
    const auto folder = ScratchFolder::Make("mine-");
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = (*folder)->path();
    fs::create_directory(path + "/below");
    EXPECT_EQ(fs::path(path).filename().string().substr(0, 5), "mine-");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ScratchFolderTest, RemovesWhatAKilledProcessLeftAndNothingElse) {
  const std::string root = root_.path();
  fs::create_directories(root + "/mine-abandoned/below");
  fs::create_directories(root + "/other-abandoned");
  const auto in_use = ScratchFolder::Make("mine-");
  const auto folder = ScratchFolder::Make("mine-");
  ASSERT_TRUE(in_use.ok() && folder.ok());
  EXPECT_FALSE(fs::exists(root + "/mine-abandoned"));
  EXPECT_TRUE(fs::exists(root + "/other-abandoned"));
  EXPECT_TRUE(fs::exists((*in_use)->path()));
}

TEST_F(ScratchFolderTest, ManyAtOnceDoNotRemoveEachOthers) {
  constexpr int kThreads = 4;
  constexpr int kFolders = 50;
  std::vector<std::thread> threads;
  std::vector<int> made(kThreads);
  for (int& count : made) {
    threads.emplace_back([&count] {
      std::vector<std::unique_ptr<ScratchFolder>> folders;
      for (int i = 0; i < kFolders; ++i) {
        auto folder = ScratchFolder::Make("mine-");
        if (!folder.ok()) continue;
        folders.push_back(*std::move(folder));
      }
      for (const auto& folder : folders) count += fs::exists(folder->path());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(made, testing::Each(kFolders));
}

TEST_F(ScratchFolderTest, SaysWhereNothingCanBeMade) {
  setenv("TMPDIR", (root_.path() + "/absent").c_str(), 1);
  const auto folder = ScratchFolder::Make("mine-");
  EXPECT_EQ(folder.status(), absl::InvalidArgumentError(
                                 "no folder can be made in '" + root_.path() +
                                 "/absent' (No such file or directory)"));
}

}  // namespace
}  // namespace atelier
