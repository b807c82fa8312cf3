#include "tests/testing/process_table.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
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
