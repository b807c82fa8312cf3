#include "client/cli/signal_thread.h"

#include <unistd.h>

#include "absl/strings/string_view.h"
#include "client/cli/exit_code.h"
#include "common/signals.h"

namespace atelier {
namespace {

// Nothing has been started that would have to be put away: a read of a pipe
// that nobody writes to is no reason to stay.
[[noreturn]] void EndAtOnce() {
  constexpr absl::string_view kLine = "atelier: interrupted\n";
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, kLine.data(), kLine.size());
  _exit(kExitInterrupted);
}

void Wait(Interruption& interruption) {
  if (WaitForSignal(absl::InfiniteDuration()) == 0) return;
  if (!interruption.IsHeeded()) EndAtOnce();
  interruption.Interrupt(absl::CancelledError("interrupted"));
}

}  // namespace

SignalThread::SignalThread(Interruption& interruption) {
  CatchSignals(HeededSignals({SIGINT, SIGTERM, SIGHUP}), kExitInterrupted);
  thread_ = std::thread([&interruption] { Wait(interruption); });
}

SignalThread::~SignalThread() {
  WakeSignalWaiter();
  thread_.join();
}

}  // namespace atelier
