// Where a call comes from, as gRPC writes it.
#ifndef ATELIER_COORDINATOR_ACCESS_CALLER_ADDRESS_H_
#define ATELIER_COORDINATOR_ACCESS_CALLER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// Of "ipv4:10.0.0.7:4321" "ipv4:10.0.0.7", without the port, which differs
/// between connections. Empty for what has no address, as a Unix socket.
std::string AddressOfPeer(absl::string_view peer);

/// As people write it: "10.0.0.7", "2001:db8::7"; "unix" for an empty one.
std::string PlainAddress(const std::string& address);

/// What a whole household or attacker has: of an IPv6 address its /64, as
/// "2001:db8:0:1::/64"; of any other the address itself.
std::string NetworkOf(const std::string& address);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_CALLER_ADDRESS_H_
