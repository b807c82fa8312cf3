#include "client/cli/signal_thread.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/exit_code.h"
#include "common/signals.h"

namespace atelier {
namespace {

// Ends the thread; nothing else sends it.
constexpr int kQuit = SIGUSR2;

sigset_t Watched() {
  std::vector<int> numbers = HeededSignals({SIGINT, SIGTERM, SIGHUP});
  numbers.push_back(kQuit);
  return SignalSet(numbers);
}

// Nothing has been started that would have to be put away: a read of a pipe
// that nobody writes to is no reason to stay.
[[noreturn]] void EndAtOnce() {
  constexpr absl::string_view kLine = "atelier: interrupted\n";
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, kLine.data(), kLine.size());
  _exit(kExitInterrupted);
}

void Wait(const sigset_t& watched, Interruption& interruption) {
  bool interrupted = false;
  int number = 0;
  while (sigwait(&watched, &number) == 0 && number != kQuit) {
    if (interrupted) _exit(kExitInterrupted);
    interrupted = true;
    if (!interruption.IsHeeded()) EndAtOnce();
    interruption.Interrupt(absl::CancelledError("interrupted"));
  }
}

}  // namespace

SignalThread::SignalThread(Interruption& interruption) {
  const sigset_t watched = Watched();
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  thread_ =
      std::thread([watched, &interruption] { Wait(watched, interruption); });
}

SignalThread::~SignalThread() {
  pthread_kill(thread_.native_handle(), kQuit);
  thread_.join();
}

}  // namespace atelier
