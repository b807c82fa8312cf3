#include "tests/testing/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

std::string MakeFolder() {
  std::string name = testing::TempDir() + "/atelier-test-XXXXXX";
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  return name;
}

void Redirect(const std::string& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(file, descriptor);
  close(file);
}

// Poll's argument; rounds up so that a wait is never cut short.
int Milliseconds(absl::Duration timeout) {
  return static_cast<int>(
      absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1))));
}

bool WaitReadable(int descriptor, absl::Duration timeout) {
  pollfd waiting = {descriptor, POLLIN, 0};
  return poll(&waiting, 1, Milliseconds(timeout)) == 1;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& argv,
                           const std::vector<std::string>& variables)
    : folder_(MakeFolder()) {
  ConfigurationFolder();
  std::vector<char*> arguments;
  for (const std::string& argument : argv) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // Should the test itself crash.
    Redirect(folder_ + "/out", STDOUT_FILENO);
    Redirect(folder_ + "/err", STDERR_FILENO);
    for (const std::string& variable : variables) {
      putenv(const_cast<char*>(variable.c_str()));
    }
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  EXPECT_GE(pidfd_, 0) << argv[0];
}

ChildProcess::~ChildProcess() {
  Kill();
  close(pidfd_);
  std::filesystem::remove_all(folder_);
}

void ChildProcess::Signal(int signal) const {
  if (!code_.has_value()) kill(pid_, signal);
}

void ChildProcess::Kill() {
  Signal(SIGKILL);
  Wait(absl::Seconds(30));
}

std::optional<Finished> ChildProcess::Wait(absl::Duration timeout) {
  if (!code_.has_value()) {
    if (!WaitReadable(pidfd_, timeout)) return std::nullopt;
    int status = 0;
    waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return Finished{*code_, Output(), Errors()};
}

std::string ChildProcess::Output() const { return ReadFile(folder_ + "/out"); }

std::string ChildProcess::Errors() const { return ReadFile(folder_ + "/err"); }

Finished RunProgram(const std::vector<std::string>& argv,
                    absl::Duration timeout) {
  ChildProcess child(argv);
  if (auto finished = child.Wait(timeout)) return *finished;
  ADD_FAILURE() << argv[0] << " still runs after " << timeout << "\n"
                << child.Errors();
  return {-1, child.Output(), child.Errors()};
}

// So that no test touches the tokens of whoever runs it.
const std::string& ConfigurationFolder() {
  static const TemporaryFolder folder;
  setenv("XDG_CONFIG_HOME", folder.path().c_str(), /*overwrite=*/1);
  return folder.path();
}

bool WaitForFile(const std::string& path, absl::Duration timeout) {
  const std::filesystem::path file(path);
  const absl::Time deadline = absl::Now() + timeout;
  const int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  inotify_add_watch(events, file.parent_path().c_str(),
                    IN_CREATE | IN_MOVED_TO);
  // Watching first and looking then leaves no gap between the two.
  bool exists = std::filesystem::exists(file);
  while (!exists && absl::Now() < deadline) {
    WaitReadable(events, deadline - absl::Now());
    char drained[4096];
    while (read(events, drained, sizeof(drained)) > 0) {
    }
    exists = std::filesystem::exists(file);
  }
  close(events);
  return exists;
}

std::string Binary(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name)
      .string();
}

TemporaryFolder::TemporaryFolder() : path_(MakeFolder()) {}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string ReadFile(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace atelier
