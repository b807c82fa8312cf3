#include "common/token/port_owner.h"

#include <optional>

#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr char kTable[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
    "retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1B9E 00000000:0000 0A 00000000:00000000 00:00000000 "
    "00000000  1000        0 51 1 0000000000000000 100 0 0 10 0\n"
    "   1: 00000000:1B9F 00000000:0000 0A 00000000:00000000 00:00000000 "
    "00000000     0        0 52 1 0000000000000000 100 0 0 10 0\n"
    "   2: 0100007F:1BA0 0100007F:1B9E 01 00000000:00000000 00:00000000 "
    "00000000  1001        0 53 1 0000000000000000 100 0 0 10 0\n"
    "nonsense\n";

TEST(StrangerAtTest, IsWhoListensAndIsNeitherWeNorRoot) {
  EXPECT_EQ(StrangerAt(7070, /*self=*/1000, kTable), std::nullopt);
  EXPECT_EQ(StrangerAt(7070, /*self=*/1001, kTable), 1000);
  EXPECT_EQ(StrangerAt(7071, /*self=*/1001, kTable), std::nullopt) << "root";
  EXPECT_EQ(StrangerAt(7072, /*self=*/1000, kTable), std::nullopt)
      << "it does not listen";
  EXPECT_EQ(StrangerAt(7073, /*self=*/1000, kTable), std::nullopt);
}

}  // namespace
}  // namespace atelier
