// What a process can't do any more once it is in the sandbox. Each attempt is
// made in a child, which says how it went by its exit code.
#include "worker/decoder/sandbox.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

constexpr int kNoFilter = 200;
constexpr int kSucceeded = 0;

// 0 where the call succeeds, else errno.
int Result(long returned) { return returned >= 0 ? kSucceeded : errno; }

int InSandbox(const std::function<int()>& attempt) {
  const pid_t child = fork();
  if (child == 0) {
    const bool filtered = EnterSandbox({STDERR_FILENO, STDERR_FILENO}).ok();
    _exit(filtered ? attempt() : kNoFilter);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Attempt {
  std::string what;
  std::function<int()> make;
};

std::vector<Attempt> Forbidden() {
  static char program[] = "/bin/true";
  static char* const arguments[] = {program, nullptr};
  return {
      {"a socket", [] { return Result(socket(AF_INET, SOCK_STREAM, 0)); }},
      {"a local socket", [] { return Result(socket(AF_UNIX, SOCK_DGRAM, 0)); }},
      {"open to write",
       [] {
         return Result(open("/tmp/atelier-sandbox", O_WRONLY | O_CREAT, 0600));
       }},
      {"open to read", [] { return Result(open("/etc/passwd", O_RDONLY)); }},
      {"a new folder", [] { return Result(mkdir("/tmp/atelier-box", 0700)); }},
      {"unlink", [] { return Result(unlink("/tmp/atelier-sandbox")); }},
      {"a file in memory", [] { return Result(memfd_create("atelier", 0)); }},
      {"execve", [] { return Result(execv(program, arguments)); }},
      {"fork", [] { return Result(fork()); }},
      {"a signal to its parent", [] { return Result(kill(getppid(), 0)); }},
      {"ptrace", [] { return Result(ptrace(PTRACE_TRACEME, 0, 0, 0)); }},
      {"executable memory",
       [] {
         void* const memory =
             mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return memory == MAP_FAILED ? errno : kSucceeded;
       }},
      {"memory made executable",
       [] {
         void* const memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return Result(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
       }},
      {"higher limits",
       [] {
         const rlimit limit = {64, 64};
         return Result(setrlimit(RLIMIT_NOFILE, &limit));
       }},
  };
}

TEST(SandboxTest, WhatADecoderHasNoNeedOfFails) {
  if (InSandbox([] { return kSucceeded; }) == kNoFilter) {
    GTEST_SKIP() << "NOT TESTED: this system allows no seccomp filter";
  }
  for (const Attempt& attempt : Forbidden()) {
    EXPECT_EQ(InSandbox(attempt.make), EPERM) << attempt.what;
  }
}

// Without the sandbox they succeed, but for what would end or change the test.
TEST(SandboxTest, TheAttemptsAreRealOnes) {
  EXPECT_EQ(Result(close(socket(AF_INET, SOCK_STREAM, 0))), kSucceeded);
  EXPECT_EQ(Result(close(open("/etc/passwd", O_RDONLY))), kSucceeded);
  EXPECT_EQ(Result(kill(getppid(), 0)), kSucceeded);
}

TEST(SandboxTest, WhatItNeedsWorks) {
  if (InSandbox([] { return kSucceeded; }) == kNoFilter) {
    GTEST_SKIP() << "NOT TESTED: this system allows no seccomp filter";
  }
  EXPECT_EQ(InSandbox([] {
              void* const memory = std::malloc(64 << 20);
              std::free(memory);
              return memory != nullptr ? kSucceeded : ENOMEM;
            }),
            kSucceeded);
  EXPECT_EQ(InSandbox([] {
              pthread_t thread;
              const int failed = pthread_create(
                  &thread, nullptr, [](void* to) { return to; }, nullptr);
              return failed != 0 ? failed : pthread_join(thread, nullptr);
            }),
            kSucceeded);
  EXPECT_EQ(InSandbox([] {
              std::abort();
              return kSucceeded;
            }),
            -SIGABRT);
}

// Also where no filter is allowed.
TEST(SandboxTest, TheLimitsHold) {
  int said[2];
  ASSERT_EQ(pipe(said), 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool filtered = EnterSandbox({said[1], said[1]}).ok();
    const char byte = filtered ? 'f' : 'u';
    [[maybe_unused]] const ssize_t written = write(said[1], &byte, 1);
    poll(nullptr, 0, -1);
    _exit(1);
  }
  char byte = 0;
  EXPECT_EQ(read(said[0], &byte, 1), 1);
  const std::string folder = absl::StrCat("/proc/", child);
  const std::string limits = Contents(folder + "/limits");
  const std::string status = Contents(folder + "/status");
  const std::string to_go = Contents(folder + "/oom_score_adj");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(said[0]);
  close(said[1]);
  for (const char* what :
       {"Max core file size        0                    0",
        "Max locked memory         0                    0"}) {
    EXPECT_THAT(limits, HasSubstr(what));
  }
  EXPECT_THAT(limits,
              HasSubstr(absl::StrFormat("Max open files            %-20d %-20d",
                                        said[1] + 1, said[1] + 1)));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(status, HasSubstr(byte == 'f' ? "Seccomp:\t2" : "Seccomp:\t"));
  EXPECT_EQ(to_go, "1000\n");
}

}  // namespace
}  // namespace atelier
