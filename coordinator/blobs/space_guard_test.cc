#include "coordinator/blobs/space_guard.h"

#include <string>

#include "absl/status/status.h"
#include "coordinator/blobs/disk.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMegabyte = 1'000'000;

// A disk of 1,000 MB.
class FakeDisk : public Disk {
 public:
  const std::string& folder() const override { return folder_; }
  absl::StatusOr<DiskState> Look() override {
    if (!look.ok()) return look;
    return DiskState{1000 * kMegabyte - used - reserved, 1000 * kMegabyte,
                     read_only};
  }
  absl::Status TryWriting() override { return try_writing; }
  absl::Status Reserve(int64_t bytes) override {
    if (1000 * kMegabyte - used < bytes) return absl::UnavailableError("full");
    reserved = bytes;
    return absl::OkStatus();
  }
  void Release() override { reserved = 0; }
  int64_t reserved_bytes() const override { return reserved; }

  absl::Status look;
  absl::Status try_writing;
  bool read_only = false;
  int64_t used = 0;
  int64_t reserved = 0;

 private:
  const std::string folder_ = "/data";
};

class SpaceGuardTest : public ::testing::Test {
 protected:
  SpaceGuardTest() { Tick(); }

  bool Tick() {
    return guard_.Tick([this](int64_t bytes) {
      asked_ = bytes;
      const int64_t freed = std::min(bytes, checkpoints_);
      checkpoints_ -= freed;
      disk_.used -= freed;
      return freed;
    });
  }
  void FillTo(int64_t free_bytes) {
    disk_.used = 1000 * kMegabyte - disk_.reserved - free_bytes;
  }
  bool MayWrite() { return guard_.MayWrite().ok(); }

  FakeDisk disk_;
  int64_t checkpoints_ = 0;
  int64_t asked_ = 0;
  SpaceGuard guard_{disk_, 40 * kMegabyte};
};

TEST_F(SpaceGuardTest, SetsAReserveAsideWhileThereIsRoom) {
  EXPECT_TRUE(MayWrite());
  EXPECT_TRUE(guard_.MayKeepSpare().ok());
  EXPECT_EQ(disk_.reserved, 40 * kMegabyte);
  EXPECT_EQ(guard_.free_bytes(), 1000 * kMegabyte);
}

TEST_F(SpaceGuardTest, OfASmallDiskItTakesLess) {
  SpaceGuard guard(disk_, int64_t{1} << 40);
  guard.Tick([](int64_t) { return 0; });
  EXPECT_EQ(disk_.reserved, 1000 * kMegabyte / 16);
}

TEST_F(SpaceGuardTest, AFullDiskTakesNothingUntilTheReserveCanBeSetAside) {
  FillTo(19 * kMegabyte);
  EXPECT_TRUE(Tick());
  EXPECT_TRUE(absl::IsUnavailable(guard_.MayWrite()));
  EXPECT_EQ(disk_.reserved, 0) << "for the database, and to collect garbage";
  EXPECT_FALSE(Tick()) << "it is said once";
  FillTo(79 * kMegabyte);
  EXPECT_FALSE(Tick());
  EXPECT_FALSE(MayWrite());
  FillTo(80 * kMegabyte);
  EXPECT_TRUE(Tick());
  EXPECT_TRUE(MayWrite());
  EXPECT_TRUE(guard_.MayKeepSpare().ok());
  EXPECT_EQ(disk_.reserved, 40 * kMegabyte);
  EXPECT_FALSE(Tick());
}

TEST_F(SpaceGuardTest, AReserveThatWasReleasedIsNoRoom) {
  FillTo(0);
  disk_.Release();  // By an earlier process.
  SpaceGuard restarted(disk_, 40 * kMegabyte);
  EXPECT_TRUE(restarted.Tick([](int64_t) { return 0; }));
  EXPECT_FALSE(restarted.MayWrite().ok());
}

TEST_F(SpaceGuardTest, NamesPathSizesAndRemedy) {
  FillTo(3 * kMegabyte);
  Tick();
  const std::string message(guard_.MayWrite().message());
  for (const char* part : {"/data", "3.0 MB of 1000.0 MB", "atelier gc",
                           "once 80.0 MB are free"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
}

TEST_F(SpaceGuardTest, CheckpointsGiveWayFirst) {
  FillTo(79 * kMegabyte);
  Tick();
  EXPECT_TRUE(MayWrite());
  EXPECT_FALSE(guard_.MayKeepSpare().ok()) << "room is scarce";

  checkpoints_ = 200 * kMegabyte;
  FillTo(0);
  EXPECT_FALSE(Tick());
  EXPECT_GT(asked_, 0);
  EXPECT_TRUE(MayWrite()) << "they are going";
  EXPECT_FALSE(Tick());
  EXPECT_TRUE(MayWrite());
  EXPECT_EQ(disk_.reserved, 40 * kMegabyte);
}

TEST_F(SpaceGuardTest, CheckpointsThatDoNotHelpDoNotHideAFullDisk) {
  checkpoints_ = 1000 * kMegabyte;
  for (int i = 0; i < 4; ++i) {
    FillTo(0);  // Whatever goes, others take it.
    Tick();
  }
  EXPECT_FALSE(MayWrite());
}

TEST_F(SpaceGuardTest, AQuotaThatIsUsedUpIsFoundByTrying) {
  disk_.try_writing = absl::UnavailableError("/data/try: the disk is full");
  EXPECT_FALSE(Tick()) << "nobody has complained";
  guard_.WriteFailed();
  EXPECT_TRUE(Tick());
  EXPECT_THAT(std::string(guard_.MayWrite().message()), HasSubstr("/data/try"));
  EXPECT_FALSE(Tick());
  disk_.try_writing = absl::OkStatus();
  EXPECT_TRUE(Tick());
  EXPECT_TRUE(MayWrite());
}

TEST_F(SpaceGuardTest, OneWriteThatIsTooLargeDoesNotStopTheOthers) {
  guard_.WriteFailed();
  EXPECT_FALSE(Tick());
  EXPECT_TRUE(MayWrite());
}

TEST_F(SpaceGuardTest, ADiskThatBecomesReadOnlyOrIsGoneTakesNothing) {
  checkpoints_ = 1000 * kMegabyte;
  disk_.read_only = true;
  EXPECT_TRUE(Tick());
  EXPECT_THAT(std::string(guard_.MayWrite().message()), HasSubstr("read-only"));
  disk_.read_only = false;
  EXPECT_TRUE(Tick());
  disk_.look = absl::InternalError("stale handle");
  EXPECT_TRUE(Tick());
  EXPECT_THAT(std::string(guard_.MayWrite().message()), HasSubstr("stale"));
}

TEST(FolderDiskTest, SetsRoomAsideAndTakesOverWhatAnEarlierOneDid) {
  const TempFolder folder;
  FolderDisk disk(folder.path());
  EXPECT_EQ(disk.reserved_bytes(), 0);
  EXPECT_GT(disk.Look()->total_bytes, 0);
  EXPECT_TRUE(disk.TryWriting().ok());
  ASSERT_TRUE(disk.Reserve(1 << 20).ok());
  EXPECT_EQ(folder.FileCount(), 1);
  EXPECT_EQ(FolderDisk(folder.path()).reserved_bytes(), 1 << 20);
  EXPECT_TRUE(disk.Reserve(1 << 10).ok()) << "there is more already";
  EXPECT_EQ(disk.reserved_bytes(), 1 << 20);
  disk.Release();
  EXPECT_EQ(folder.FileCount(), 0);
  EXPECT_EQ(FolderDisk(folder.path()).reserved_bytes(), 0);
  EXPECT_FALSE(disk.Reserve(int64_t{1} << 55).ok());
  EXPECT_EQ(folder.FileCount(), 0);
  EXPECT_FALSE(FolderDisk("/nowhere/at/all").Look().ok());
}

}  // namespace
}  // namespace atelier
