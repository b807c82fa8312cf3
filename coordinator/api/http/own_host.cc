#include "coordinator/api/http/own_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace atelier {
namespace {

constexpr size_t kMostNameBytes = 256;

// Without brackets, the port, and the dot of a full name.
std::string NameIn(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) {
    return std::string(host.substr(0, host.find(']')));
  }
  // What has several colons is an address that has no port.
  const size_t colon = host.find(':');
  if (colon != absl::string_view::npos && colon == host.rfind(':')) {
    host = host.substr(0, colon);
  }
  absl::ConsumeSuffix(&host, ".");
  return absl::AsciiStrToLower(host);
}

bool IsLoopbackAddress(const std::string& name) {
  in_addr v4;
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

bool IsOwnHost(absl::string_view host, const std::vector<std::string>& names) {
  const std::string name = NameIn(host);
  return name == "localhost" || IsLoopbackAddress(name) ||
         std::any_of(names.begin(), names.end(), [&](const std::string& one) {
           return absl::EqualsIgnoreCase(name, one);
         });
}

std::vector<std::string> OwnNames(const std::string& listen) {
  std::vector<std::string> names = {listen};
  char name[kMostNameBytes] = "";
  if (gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0') {
    names.emplace_back(name);
  }
  return names;
}

}  // namespace atelier
