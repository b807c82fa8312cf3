#include "common/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

// Signals are the process's, and so is what is known of them.
bool pipes_were_ignored = false;
bool children_were_ignored = false;
// Handlers reach nothing but globals.
int caught_pipe[2] = {-1, -1};
int second_exit = 0;
volatile std::sig_atomic_t caught_count = 0;

bool IsIgnored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 &&
         action.sa_handler == SIG_IGN;
}

void HandleSignal(int number) {
  if (++caught_count > 1) _exit(second_exit != 0 ? second_exit : 128 + number);
  const int error = errno;
  const char byte = static_cast<char>(number);
  [[maybe_unused]] const ssize_t written = write(caught_pipe[1], &byte, 1);
  errno = error;
}

}  // namespace

std::string NameOfSignal(int number) {
  const char* const name = sigabbrev_np(number);
  if (name == nullptr) return absl::StrCat("signal ", number);
  return absl::StrCat("signal ", number, " (SIG", name, ")");
}

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

void CatchSignals(const std::vector<int>& numbers, int second_exit_code) {
  if (pipe2(caught_pipe, O_CLOEXEC) != 0) return;  // They end us as ever.
  second_exit = second_exit_code;
  struct sigaction action = {};
  action.sa_handler = HandleSignal;
  action.sa_flags = SA_RESTART;
  for (int number : numbers) sigaction(number, &action, nullptr);
}

int WaitForSignal(absl::Duration timeout) {
  pollfd waiting = {caught_pipe[0], POLLIN, 0};
  const int wait_ms =
      timeout == absl::InfiniteDuration()
          ? -1
          : static_cast<int>(absl::ToInt64Milliseconds(timeout));
  int ready = 0;
  do {
    ready = poll(&waiting, 1, wait_ms);
  } while (ready < 0 && errno == EINTR);
  char byte = 0;
  return ready == 1 && read(caught_pipe[0], &byte, 1) == 1 ? byte : 0;
}

void WakeSignalWaiter() {
  const char none = 0;
  [[maybe_unused]] const ssize_t written = write(caught_pipe[1], &none, 1);
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
