#include "coordinator/access/caller_address.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(CallerAddressTest, IsThePeersWithoutItsPort) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.7:4321"), "ipv4:10.0.0.7");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B2001:db8::1%5D:4321"),
            "ipv6:%5B2001:db8::1%5D");
  EXPECT_EQ(AddressOfPeer("unix:/run/atelier/grpc"), "");
  EXPECT_EQ(AddressOfPeer("inproc"), "");
  EXPECT_EQ(AddressOfPeer(""), "");
}

TEST(CallerAddressTest, ANetworkIsAnIpv4AddressOrTheHalfOfAnIpv6Address) {
  EXPECT_EQ(NetworkOf("ipv4:10.0.0.7"), "ipv4:10.0.0.7");
  EXPECT_EQ(NetworkOf("ipv6:%5B2001:db8:0:1:a:b:c:d%5D"), "2001:db8:0:1::/64");
  EXPECT_EQ(NetworkOf("ipv6:[2001:db8:0:1::9]"), "2001:db8:0:1::/64");
  EXPECT_EQ(NetworkOf("ipv6:%5Bfe80::1%25eth0%5D"), "fe80::/64");
  EXPECT_NE(NetworkOf("ipv6:%5B2001:db8:0:2::1%5D"), "2001:db8:0:1::/64");
  EXPECT_EQ(NetworkOf("ipv6:nonsense"), "ipv6:nonsense");
}

TEST(PlainAddressTest, IsAsPeopleWriteIt) {
  EXPECT_EQ(PlainAddress("ipv4:10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(PlainAddress("ipv6:%5B2001:db8::7%5D"), "2001:db8::7");
  EXPECT_EQ(PlainAddress("ipv6:[::1]"), "::1");
  EXPECT_EQ(PlainAddress(""), "unix");
}

}  // namespace
}  // namespace atelier
