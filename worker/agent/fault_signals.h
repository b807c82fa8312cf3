// What is left of a process that a fault signal ends: the signal's number, in a
// file that was opened before.
#ifndef ATELIER_WORKER_AGENT_FAULT_SIGNALS_H_
#define ATELIER_WORKER_AGENT_FAULT_SIGNALS_H_

#include <sys/types.h>

#include <memory>

namespace atelier {

/// From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write their number,
/// in kFaultSignalDigits digits, at `offset` of the file; then the process dies
/// of them as it would have: with a core, and with the signal as its status.
/// Handlers that stood there before run after. Call from one thread; a second
/// call changes the file. The descriptor stays open for as long as the process
/// lives, or until StopNotingFaultSignals.
void NoteFaultSignals(int descriptor, off_t offset);
void StopNotingFaultSignals();
inline constexpr int kFaultSignalDigits = 3;

/// A stack for this thread's signal handlers, so that they also run when its
/// own has overflowed. Destroy in the thread that made it.
class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::unique_ptr<char[]> stack_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_FAULT_SIGNALS_H_
