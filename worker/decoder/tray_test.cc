#include "worker/decoder/tray.h"

#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(TrayTest, WhatOneSideLeavesTheOtherTakes) {
  const std::unique_ptr<Tray> here = *Tray::Make();
  const Tray there(dup(here->fd()));
  Tray writer(dup(here->fd()));
  for (const std::string& file :
       {std::string("short"), std::string(10'000, 'f'), std::string("x")}) {
    ASSERT_TRUE(here->Put(0, file).ok());
    std::string taken(file.size(), ' ');
    ASSERT_TRUE(there.Take(0, taken.data(), taken.size()).ok());
    EXPECT_EQ(taken, file);
    ASSERT_TRUE(writer.Put(RoomAfter(file.size()), "12345678").ok());
    taken.assign(5, ' ');
    ASSERT_TRUE(
        here->Take(RoomAfter(file.size()) + 3, taken.data(), taken.size())
            .ok());
    EXPECT_EQ(taken, "45678");
  }
}

TEST(TrayTest, RoomLiesBehindTheFile) {
  for (const uint64_t bytes : {0, 1, 4095, 4096, 4097}) {
    EXPECT_GE(RoomAfter(bytes), bytes);
    EXPECT_LT(RoomAfter(bytes), bytes + 4096);
  }
}

TEST(TrayTest, NothingIsTakenThatIsNotThere) {
  const std::unique_ptr<Tray> tray = *Tray::Make();
  ASSERT_TRUE(tray->Put(0, "file").ok());
  std::string taken(5, ' ');
  EXPECT_EQ(tray->Take(0, taken.data(), taken.size()).code(),
            absl::StatusCode::kDataLoss);
  // Whoever else holds it may have made it smaller.
  ASSERT_EQ(ftruncate(tray->fd(), 2), 0);
  EXPECT_EQ(tray->Take(0, taken.data(), 4).code(), absl::StatusCode::kDataLoss);
}

TEST(TrayTest, KeepsSomeOfItsMemory) {
  const std::unique_ptr<Tray> tray = *Tray::Make();
  const auto size = [&] { return lseek(tray->fd(), 0, SEEK_END); };
  ASSERT_TRUE(tray->Put(0, "little").ok());
  tray->Trim();
  EXPECT_EQ(size(), 6);
  ASSERT_TRUE(tray->Put(kMostTrayBytesKept, "much").ok());
  tray->Trim();
  EXPECT_EQ(size(), static_cast<off_t>(kMostTrayBytesKept));
}

}  // namespace
}  // namespace atelier
