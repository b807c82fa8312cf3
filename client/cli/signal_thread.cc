#include "client/cli/signal_thread.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "client/cli/exit_code.h"

namespace atelier {
namespace {

// Ends the thread; nothing else sends it.
constexpr int kQuit = SIGUSR2;

sigset_t Watched() {
  sigset_t watched;
  sigemptyset(&watched);
  for (int number : {SIGINT, SIGTERM, SIGHUP, kQuit}) {
    sigaddset(&watched, number);
  }
  return watched;
}

void Wait(Interruption& interruption) {
  const sigset_t watched = Watched();
  bool interrupted = false;
  int number = 0;
  while (sigwait(&watched, &number) == 0 && number != kQuit) {
    if (interrupted) _exit(kExitInterrupted);
    interrupted = true;
    interruption.Interrupt(absl::CancelledError("interrupted"));
  }
}

}  // namespace

SignalThread::SignalThread(Interruption& interruption) {
  const sigset_t watched = Watched();
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  thread_ = std::thread([&interruption] { Wait(interruption); });
}

SignalThread::~SignalThread() {
  pthread_kill(thread_.native_handle(), kQuit);
  thread_.join();
}

}  // namespace atelier
