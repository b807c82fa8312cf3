// Ctrl-C and its kin, as an Interruption.
#ifndef ATELIER_CLIENT_CLI_SIGNAL_THREAD_H_
#define ATELIER_CLIENT_CLI_SIGNAL_THREAD_H_

#include <thread>

#include "client/cli/interruption.h"

namespace atelier {

/// Waits for SIGINT, SIGTERM and SIGHUP, but for those that are ignored, on a
/// thread of its own. The first interrupts; where nobody heeds the interruption
/// (Interruption::IsHeeded), and at the second, the process ends at once with
/// exit code 130. One in a process.
class SignalThread {
 public:
  explicit SignalThread(Interruption& interruption);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SIGNAL_THREAD_H_
