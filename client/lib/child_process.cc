#include "client/lib/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/signals.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMaxLogBytes = int64_t{64} << 20;
constexpr size_t kLastLines = 3;

// This process's, but for the token: it is for the coordinator that a command
// was told of, not for one that it starts.
std::vector<char*> EnvironmentOfChild() {
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (absl::StartsWith(*variable, "ATELIER_TOKEN=") ||
        absl::StartsWith(*variable, "ATELIER_TOKEN_FILE=")) {
      continue;
    }
    variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

// Closed at the end of its scope, and in programs.
class OpenFile {
 public:
  OpenFile() = default;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  absl::Status Open(const std::string& path, int flags) {
    fd_ = open(path.c_str(), flags | O_CLOEXEC, 0600);
    return fd_ < 0 ? absl::ErrnoToStatus(errno, path) : absl::OkStatus();
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

struct StandardFds {
  int input, output, error;
};

// Runs in the child between fork and exec: async-signal-safe calls only.
[[noreturn]] void BecomeProgram(char* const* argv, char* const* environment,
                                const StandardFds& standard, int error_fd,
                                pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, StopRequest());
  // The parent may have died before the line above.
  if (getppid() != parent) _exit(127);
  RestoreSignals();
  dup2(standard.input, STDIN_FILENO);
  dup2(standard.output, STDOUT_FILENO);
  dup2(standard.error, STDERR_FILENO);
  execve(argv[0], argv, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(error_fd, &error, sizeof(error));
  _exit(127);
}

// The error of a failed exec; 0 once the pipe has closed, that is, exec'd.
int ExecError(int fd) {
  int error = 0;
  ssize_t n = 0;
  do {
    n = read(fd, &error, sizeof(error));
  } while (n < 0 && errno == EINTR);
  return n == sizeof(error) ? error : 0;
}

std::string LastLines(const std::string& path) {
  const absl::StatusOr<std::string> log = ReadFile(path, kMaxLogBytes);
  if (!log.ok()) return "";
  std::vector<absl::string_view> lines =
      absl::StrSplit(*log, '\n', absl::SkipWhitespace());
  if (lines.size() > kLastLines) {
    lines.erase(lines.begin(), lines.end() - kLastLines);
  }
  return absl::StrJoin(lines, " | ");
}

}  // namespace

absl::StatusOr<std::string> FolderOfThisProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("/proc/self/exe: ", error.message()));
  }
  return self.parent_path().string();
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    std::string name, const std::vector<std::string>& argv,
    std::string log_path, const ChildFiles& files) {
  constexpr int kWrite = O_WRONLY | O_CREAT | O_APPEND;
  OpenFile log, input, output;
  RETURN_IF_ERROR(log.Open(log_path, kWrite));
  RETURN_IF_ERROR(input.Open(
      files.input_path.empty() ? "/dev/null" : files.input_path, O_RDONLY));
  if (!files.output_path.empty()) {
    RETURN_IF_ERROR(output.Open(files.output_path, kWrite));
  }
  const StandardFds standard = {
      input.fd(), output.fd() < 0 ? log.fd() : output.fd(), log.fd()};
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "pipe");
  }
  std::vector<char*> arguments;
  for (const std::string& argument : argv) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const std::vector<char*> environment = EnvironmentOfChild();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  const int fork_error = errno;
  if (pid == 0) {
    BecomeProgram(arguments.data(), environment.data(), standard, pipe_fds[1],
                  parent);
  }
  close(pipe_fds[1]);
  const int exec_error = pid < 0 ? fork_error : ExecError(pipe_fds[0]);
  close(pipe_fds[0]);
  if (pid < 0) return absl::ErrnoToStatus(fork_error, "fork");
  auto child = std::unique_ptr<ChildProcess>(
      new ChildProcess(std::move(name), std::move(log_path), pid));
  if (exec_error != 0) return absl::ErrnoToStatus(exec_error, argv[0]);
  return child;
}

ChildProcess::~ChildProcess() { Reap(absl::InfinitePast()); }

bool ChildProcess::HasEnded() {
  int wait_status = 0;
  if (!wait_status_.has_value() &&
      waitpid(pid_, &wait_status, WNOHANG) == pid_) {
    wait_status_ = wait_status;
  }
  return wait_status_.has_value();
}

bool ChildProcess::WasKilled() const {
  return WIFSIGNALED(wait_status_.value());
}

std::string ChildProcess::ExitSummary() const {
  const int status = wait_status_.value();
  const std::string how =
      WIFSIGNALED(status)
          ? absl::StrCat("was killed by signal ", WTERMSIG(status), " (",
                         strsignal(WTERMSIG(status)), ")")
          : absl::StrCat("ended with exit code ", WEXITSTATUS(status));
  const std::string log = LastLines(log_path_);
  return absl::StrCat(name_, " ", how,
                      log.empty() ? "" : "; its log ends: ", log);
}

void ChildProcess::RequestStop() {
  if (!HasEnded()) kill(pid_, StopRequest());
}

void ChildProcess::Reap(absl::Time deadline) {
  absl::Duration wait = absl::Milliseconds(1);
  while (!HasEnded() && Clock::Steady().Now() < deadline) {
    absl::SleepFor(wait);
    wait = std::min(wait * 2, absl::Milliseconds(20));
  }
  if (HasEnded()) return;
  kill(pid_, SIGKILL);
  int wait_status = 0;
  while (waitpid(pid_, &wait_status, 0) < 0 && errno == EINTR) {
  }
  wait_status_ = wait_status;
}

}  // namespace atelier
