#include "coordinator/access/caller_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace atelier {
namespace {

constexpr size_t kNetworkBytes = 8;

std::string WithoutBrackets(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
}

}  // namespace

std::string AddressOfPeer(absl::string_view peer) {
  if (!absl::StartsWith(peer, "ipv4:") && !absl::StartsWith(peer, "ipv6:")) {
    return "";
  }
  return std::string(peer.substr(0, peer.rfind(':')));
}

std::string PlainAddress(const std::string& address) {
  if (address.empty()) return "unix";
  absl::string_view text = address;
  if (!absl::ConsumePrefix(&text, "ipv4:")) absl::ConsumePrefix(&text, "ipv6:");
  return WithoutBrackets(text);
}

std::string NetworkOf(const std::string& address) {
  absl::string_view text = address;
  if (!absl::ConsumePrefix(&text, "ipv6:")) return address;
  std::string host = WithoutBrackets(text);
  host = host.substr(0, host.find('%'));  // The interface.
  in6_addr parsed;
  if (inet_pton(AF_INET6, host.c_str(), &parsed) != 1) return address;
  std::fill(std::begin(parsed.s6_addr) + kNetworkBytes,
            std::end(parsed.s6_addr), 0);
  char written[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &parsed, written, sizeof(written));
  return absl::StrCat(written, "/64");
}

}  // namespace atelier
