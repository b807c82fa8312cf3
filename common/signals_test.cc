#include "common/signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "gtest/gtest.h"

namespace atelier {
namespace {

// Runs `claim` in a child, whose signals are its own. Whether it held.
bool HoldsInAChild(const std::function<bool()>& claim) {
  const pid_t child = fork();
  if (child == 0) _exit(claim() ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

bool Ignores(int number) {
  struct sigaction action = {};
  sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

TEST(SignalsTest, WhatIsIgnoredIsNotHeeded) {
  EXPECT_TRUE(HoldsInAChild([] {
    signal(SIGHUP, SIG_IGN);
    return HeededSignals({SIGINT, SIGHUP, SIGTERM}) ==
           std::vector<int>{SIGINT, SIGTERM};
  }));
  EXPECT_TRUE(HoldsInAChild([] {
    signal(SIGINT, SIG_IGN);
    return HeededSignals({SIGINT}).empty();
  }));
}

TEST(SignalsTest, AProgramCanBeAskedToStopAlthoughItIgnoresSigterm) {
  EXPECT_TRUE(HoldsInAChild([] {
    return StopRequest() == SIGTERM &&
           StopSignals() == std::vector<int>{SIGTERM, SIGINT};
  }));
  EXPECT_TRUE(HoldsInAChild([] {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    return StopRequest() == SIGUSR1 &&
           StopSignals() == std::vector<int>{SIGUSR1};
  }));
}

TEST(SignalsTest, AChildIgnoresWhatWasIgnoredAtTheStart) {
  EXPECT_TRUE(HoldsInAChild([] {
    for (int number : {SIGHUP, SIGTERM, SIGINT, SIGPIPE, SIGCHLD, SIGUSR1}) {
      signal(number, SIG_IGN);
    }
    HeedPipesAndChildren();
    if (!BrokenPipesWereIgnored() || Ignores(SIGCHLD)) return false;
    sigset_t now;
    sigemptyset(&now);
    sigaddset(&now, SIGINT);
    sigprocmask(SIG_BLOCK, &now, nullptr);
    RestoreSignals();
    sigprocmask(SIG_BLOCK, nullptr, &now);
    return Ignores(SIGHUP) && Ignores(SIGTERM) && Ignores(SIGINT) &&
           Ignores(SIGPIPE) && Ignores(SIGCHLD) && !Ignores(SIGUSR1) &&
           sigismember(&now, SIGINT) == 0;
  }));
  EXPECT_TRUE(HoldsInAChild([] {
    HeedPipesAndChildren();
    if (BrokenPipesWereIgnored() || !Ignores(SIGPIPE)) return false;
    RestoreSignals();
    return !Ignores(SIGPIPE) && !Ignores(SIGHUP);
  }));
}

TEST(SignalsTest, ASignalThatIsNotHeededIsNeverCaught) {
  EXPECT_TRUE(HoldsInAChild([] {
    signal(SIGTERM, SIG_IGN);
    CatchSignals(StopSignals());
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    return WaitForSignal(absl::InfiniteDuration()) == SIGINT;
  }));
}

TEST(SignalsTest, NoSignalIsWaitedForInVain) {
  EXPECT_TRUE(HoldsInAChild([] {
    CatchSignals({SIGTERM});
    const bool in_time = WaitForSignal(absl::Milliseconds(1)) == 0;
    WakeSignalWaiter();
    return in_time && WaitForSignal(absl::InfiniteDuration()) == 0;
  }));
}

TEST(SignalsTest, TheSecondSignalEndsTheProcess) {
  const auto exit_code = [](int second_exit_code) {
    const pid_t child = fork();
    if (child == 0) {
      CatchSignals({SIGTERM, SIGINT}, second_exit_code);
      kill(getpid(), SIGTERM);
      const bool first = WaitForSignal(absl::InfiniteDuration()) == SIGTERM;
      if (first) kill(getpid(), SIGINT);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(exit_code(0), 128 + SIGINT);
  EXPECT_EQ(exit_code(99), 99);
}

TEST(NameOfSignalTest, HasNumberAndName) {
  EXPECT_EQ(NameOfSignal(11), "signal 11 (SIGSEGV)");
  EXPECT_EQ(NameOfSignal(999), "signal 999");
}

}  // namespace
}  // namespace atelier
