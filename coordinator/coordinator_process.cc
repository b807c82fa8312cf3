#include "coordinator/coordinator_process.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/substitute.h"
#include "absl/synchronization/mutex.h"
#include "common/file.h"
#include "common/log/log.h"
#include "common/signals.h"

namespace atelier {
namespace {

// Settled once: unblocking one does not make it heeded.
const sigset_t& StopSet() {
  static const sigset_t set = SignalSet(StopSignals());
  return set;
}

}  // namespace

void BlockStopSignals() { pthread_sigmask(SIG_BLOCK, &StopSet(), nullptr); }

bool WaitForStopSignal(absl::Duration timeout) {
  const sigset_t& set = StopSet();
  const timespec wait = absl::ToTimespec(timeout);
  const int signal = sigtimedwait(&set, nullptr, &wait);
  if (signal < 0) return false;
  LogInfo(strsignal(signal), ": stopping");
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void TuneForThroughput() {
  // Distributions build Abseil with its search for deadlocks on, which walks a
  // graph at every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // What one batch of calls frees the next needs again.
  constexpr int kKeepBytes = 64 << 20;
  mallopt(M_TRIM_THRESHOLD, kKeepBytes);
  mallopt(M_MMAP_THRESHOLD, kKeepBytes / 2);
}

absl::Status WriteReadyFile(const std::string& path, const Endpoint& listen,
                            const Endpoint& http) {
  return WriteFile(
      path,
      absl::Substitute("{\"http\":\"$0\",\"listen\":\"$1\",\"pid\":$2}\n",
                       ToString(http), ToString(listen), getpid()),
      Durability::kAtomic);
}

}  // namespace atelier
