#include "common/token/port_owner.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/file.h"

namespace atelier {
namespace {

constexpr int64_t kMaxTableBytes = int64_t{64} << 20;
// Words of a line: its number, local and remote address, state, two queues,
// retransmits, user.
constexpr size_t kLocal = 1;
constexpr size_t kState = 3;
constexpr size_t kUser = 7;
constexpr char kListens[] = "0A";
constexpr uid_t kRoot = 0;

// As the tables write them: each 32 bits as a number of this machine.
constexpr char kAny4[] = "00000000";
constexpr char kAny6[] = "00000000000000000000000000000000";
constexpr char kLoopback6[] = "00000000000000000000000001000000";
constexpr char kMapped[] = "0000000000000000FFFF0000";

// Where a listener gets what is sent to the host.
std::set<std::string> AddressesOf(const std::string& host) {
  std::set<std::string> addresses = {kAny4, kAny6};
  in_addr address = {};
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) {
    addresses.insert(kLoopback6);
    inet_pton(AF_INET, "127.0.0.1", &address);  // "localhost" may be either.
  }
  const std::string text = absl::StrFormat("%08X", address.s_addr);
  addresses.insert(text);
  addresses.insert(absl::StrCat(kMapped, text));
  return addresses;
}

}  // namespace

PortOwner OwnerOf(const Endpoint& server, uid_t self,
                  const SocketTables& tables) {
  const std::set<std::string> addresses = AddressesOf(server.host);
  PortOwner owner = PortOwner::kNobody;
  for (const std::string* const table : {&tables.tcp, &tables.tcp6}) {
    for (const absl::string_view line : absl::StrSplit(*table, '\n')) {
      const std::vector<absl::string_view> words =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (words.size() <= kUser || words[kState] != kListens) continue;
      const std::vector<std::string> local = absl::StrSplit(words[kLocal], ':');
      int port = 0;
      uid_t user = 0;
      if (local.size() != 2 || !absl::SimpleHexAtoi(local[1], &port) ||
          port != server.port || addresses.count(local[0]) == 0 ||
          !absl::SimpleAtoi(words[kUser], &user)) {
        continue;
      }
      if (user != self && user != kRoot) return PortOwner::kStranger;
      owner = PortOwner::kUs;
    }
  }
  return owner;
}

PortOwner OwnerOf(const Endpoint& server) {
  const absl::StatusOr<std::string> tcp =
      ReadFile("/proc/net/tcp", kMaxTableBytes);
  if (!tcp.ok()) return PortOwner::kUs;
  return OwnerOf(
      server, geteuid(),
      {*tcp, ReadFile("/proc/net/tcp6", kMaxTableBytes).value_or("")});
}

}  // namespace atelier
