#include "worker/decoder/tray.h"

#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(TrayTest, WhatIsLeftInTheRoomIsTaken) {
  const std::unique_ptr<Tray> tray = *Tray::Make();
  for (const std::string& file :
       {std::string("short"), std::string(10'000, 'f'), std::string()}) {
    ASSERT_TRUE(tray->Put(file).ok());
    ASSERT_TRUE(tray->MakeRoom(8).ok());
    const auto read = TrayPart::Map(tray->fd(), 0, file.size(), false);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->bytes(), file);
    const auto room =
        TrayPart::Map(tray->fd(), RoomAfter(file.size()), 8, true);
    ASSERT_TRUE(room.ok()) << room.status();
    std::string("12345678").copy(room->data(), 8);
    std::string taken(5, ' ');
    ASSERT_TRUE(tray->Take(3, taken.data(), taken.size()).ok());
    EXPECT_EQ(taken, "45678");
    EXPECT_EQ(read->bytes(), file) << "untouched";
  }
}

TEST(TrayTest, NothingIsTakenThatIsNotThere) {
  const std::unique_ptr<Tray> tray = *Tray::Make();
  ASSERT_TRUE(tray->Put("file").ok());
  ASSERT_TRUE(tray->MakeRoom(8).ok());
  std::string taken(9, ' ');
  EXPECT_EQ(tray->Take(0, taken.data(), taken.size()).code(),
            absl::StatusCode::kDataLoss);
  // Whoever else holds it may have made it smaller.
  ASSERT_EQ(ftruncate(tray->fd(), 2), 0);
  EXPECT_EQ(tray->Take(0, taken.data(), 1).code(), absl::StatusCode::kDataLoss);
}

TEST(TrayTest, NoFileIsLeftOfTheOneBefore) {
  const std::unique_ptr<Tray> tray = *Tray::Make();
  ASSERT_TRUE(tray->Put(std::string(100'000, 'a')).ok());
  ASSERT_TRUE(tray->Put("b").ok());
  EXPECT_EQ(lseek(tray->fd(), 0, SEEK_END), 1);
  tray->Clear();
  EXPECT_EQ(lseek(tray->fd(), 0, SEEK_END), 0);
}

}  // namespace
}  // namespace atelier
