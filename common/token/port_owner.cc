#include "common/token/port_owner.h"

#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
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

}  // namespace

std::optional<uid_t> StrangerAt(int port, uid_t self, absl::string_view table) {
  for (const absl::string_view line : absl::StrSplit(table, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() <= kUser || words[kState] != kListens) continue;
    const std::vector<absl::string_view> local =
        absl::StrSplit(words[kLocal], ':');
    int found = 0;
    uid_t user = 0;
    if (local.size() != 2 || !absl::SimpleHexAtoi(local[1], &found) ||
        found != port || !absl::SimpleAtoi(words[kUser], &user)) {
      continue;
    }
    if (user != self && user != kRoot) return user;
  }
  return std::nullopt;
}

std::optional<uid_t> StrangerAt(int port) {
  for (const char* const path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const absl::StatusOr<std::string> table = ReadFile(path, kMaxTableBytes);
    if (!table.ok()) continue;
    const std::optional<uid_t> user = StrangerAt(port, geteuid(), *table);
    if (user.has_value()) return user;
  }
  return std::nullopt;
}

}  // namespace atelier
