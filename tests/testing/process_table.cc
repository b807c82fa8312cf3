#include "tests/testing/process_table.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/random_id.h"

namespace atelier {
namespace {

bool HasMark(pid_t pid, const std::string& mark) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/environ"));
  for (std::string variable; std::getline(file, variable, '\0');) {
    if (variable == mark) return true;
  }
  return false;
}

// "socket:[123]" of each open file that is one.
std::set<std::string> SocketsOf(pid_t pid) {
  std::set<std::string> sockets;
  std::error_code ended;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat("/proc/", pid, "/fd"), ended)) {
    sockets.insert(std::filesystem::read_symlink(entry.path(), ended).string());
  }
  return sockets;
}

}  // namespace

std::string NewMark() { return absl::StrCat("ATELIER_TEST_MARK=", RandomId()); }

std::vector<pid_t> MarkedProcesses(const std::string& mark) {
  std::vector<pid_t> pids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &pid) &&
        HasMark(pid, mark)) {
      pids.push_back(pid);
    }
  }
  return pids;
}

std::string ProgramOf(pid_t pid) {
  std::error_code gone;
  return std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/exe"),
                                       gone)
      .filename()
      .string();
}

std::vector<int> ListeningPorts(pid_t pid) {
  constexpr char kListening[] = "0A";  // The kernel's TCP_LISTEN.
  const std::set<std::string> sockets = SocketsOf(pid);
  std::vector<int> ports;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/net/", table));
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (fields.size() < 10 || fields[3] != kListening ||
          sockets.count(absl::StrCat("socket:[", fields[9], "]")) == 0) {
        continue;
      }
      int port = 0;
      if (absl::SimpleHexAtoi(fields[1].substr(fields[1].find(':') + 1),
                              &port)) {
        ports.push_back(port);
      }
    }
  }
  return ports;
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code gone;
  const std::string threads = absl::StrCat("/proc/", pid, "/task");
  for (const auto& thread :
       std::filesystem::directory_iterator(threads, gone)) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

bool WaitUntilGone(const std::vector<pid_t>& pids, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  for (pid_t pid : pids) {
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) continue;  // Gone already.
    pollfd waiting = {pidfd, POLLIN, 0};
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    const bool gone = poll(&waiting, 1, std::max<int64_t>(left, 0)) == 1;
    close(pidfd);
    if (!gone) return false;
  }
  return true;
}

}  // namespace atelier
