#include "common/signals.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

namespace atelier {
namespace {

// Signals are the process's, and so is what is known of them.
bool pipes_were_ignored = false;
bool children_were_ignored = false;

bool IsIgnored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 &&
         action.sa_handler == SIG_IGN;
}

}  // namespace

std::vector<int> HeededSignals(std::initializer_list<int> numbers) {
  std::vector<int> heeded;
  std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(heeded),
               [](int number) { return !IsIgnored(number); });
  return heeded;
}

int StopRequest() { return IsIgnored(SIGTERM) ? SIGUSR1 : SIGTERM; }

std::vector<int> StopSignals() {
  std::vector<int> numbers = HeededSignals({SIGTERM, SIGINT});
  const int request = StopRequest();
  if (std::find(numbers.begin(), numbers.end(), request) == numbers.end()) {
    numbers.push_back(request);
  }
  return numbers;
}

sigset_t SignalSet(const std::vector<int>& numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (int number : numbers) sigaddset(&set, number);
  return set;
}

void ExitWithParent() {
  const pid_t parent = getppid();
  const int request = StopRequest();
  prctl(PR_SET_PDEATHSIG, request);
  // It may have ended between these two lines.
  if (getppid() != parent) kill(getpid(), request);
}

void HeedPipesAndChildren() {
  pipes_were_ignored = IsIgnored(SIGPIPE);
  children_were_ignored = IsIgnored(SIGCHLD);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
}

bool BrokenPipesWereIgnored() { return pipes_were_ignored; }

void RestoreSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, pipes_were_ignored ? SIG_IGN : SIG_DFL);
  signal(SIGCHLD, children_were_ignored ? SIG_IGN : SIG_DFL);
  const int request = StopRequest();
  if (IsIgnored(request)) signal(request, SIG_DFL);
}

}  // namespace atelier
