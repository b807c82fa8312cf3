#include "common/token/port_owner.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/endpoint.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

// A line of the table for 7070.
std::string Line(const std::string& address, int user,
                 const std::string& state = "0A") {
  return absl::StrCat("   0: ", address, ":1B9E 00000000:0000 ", state,
                      " 00000000:00000000 00:00000000 00000000 ", user,
                      " 0 51 1 0000000000000000 100 0 0 10 0\n");
}

constexpr char kLoopback[] = "0100007F";
constexpr char kLoopback6[] = "00000000000000000000000001000000";
constexpr int kSelf = 1000;
constexpr int kOther = 1001;

PortOwner Owner(const std::string& tcp, const std::string& tcp6 = "",
                const std::string& host = "127.0.0.1", int port = 7070) {
  const std::string head =
      "  sl  local_address rem_address   st uid\nnonsense\n";
  return OwnerOf({host, port}, kSelf, {head + tcp, head + tcp6});
}

TEST(PortOwnerTest, IsWhoListens) {
  EXPECT_EQ(Owner(""), PortOwner::kNobody);
  EXPECT_EQ(Owner(Line(kLoopback, kSelf)), PortOwner::kUs);
  EXPECT_EQ(Owner(Line(kLoopback, 0)), PortOwner::kUs) << "root";
  EXPECT_EQ(Owner(Line(kLoopback, kOther)), PortOwner::kStranger);
  EXPECT_EQ(Owner(Line(kLoopback, kSelf), "", "127.0.0.1", 7071),
            PortOwner::kNobody);
  EXPECT_EQ(Owner(Line(kLoopback, kSelf, "01")), PortOwner::kNobody)
      << "a connection is no listener";
  EXPECT_EQ(Owner(Line(kLoopback, kSelf) + Line("00000000", kOther)),
            PortOwner::kStranger);
}

TEST(PortOwnerTest, AddressesThatTheCallDoesNotReachDoNotMatter) {
  EXPECT_EQ(Owner(Line(kLoopback, kSelf) + Line("0200007F", kOther)),
            PortOwner::kUs);
  EXPECT_EQ(Owner(Line(kLoopback, kSelf), Line(kLoopback6, kOther)),
            PortOwner::kUs);
  EXPECT_EQ(
      Owner(Line(kLoopback, kSelf), Line(kLoopback6, kOther), "localhost"),
      PortOwner::kStranger);
  EXPECT_EQ(Owner("", Line(kLoopback6, kSelf), "::1"), PortOwner::kUs);
  EXPECT_EQ(Owner("", Line(std::string(32, '0'), kOther)), PortOwner::kStranger)
      << "a socket for both";
}

}  // namespace
}  // namespace atelier
