#include "coordinator/coordinator_process.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "absl/strings/substitute.h"
#include "absl/synchronization/mutex.h"
#include "common/file.h"

namespace atelier {
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
                            const std::optional<Endpoint>& http) {
  return WriteFile(
      path,
      absl::Substitute("{\"http\":\"$0\",\"listen\":\"$1\",\"pid\":$2}\n",
                       http.has_value() ? HostAndPort(*http) : "",
                       ToString(listen), getpid()),
      Durability::kAtomic);
}

}  // namespace atelier
