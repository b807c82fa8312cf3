#include "coordinator/coordinator_process.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/file.h"
#include "nlohmann/json.hpp"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool WaitForStopSignal(absl::Duration timeout) {
  const sigset_t set = StopSignals();
  const timespec wait = absl::ToTimespec(timeout);
  const int signal = sigtimedwait(&set, nullptr, &wait);
  if (signal < 0) return false;
  spdlog::info("{}: stopping", strsignal(signal));
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

void ExitWithParent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have ended between these two lines.
  if (getppid() != parent) kill(getpid(), SIGTERM);
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

void StartLog(const std::string& level) {
  auto log = spdlog::stderr_color_mt("atelier-coordinator");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  log->set_level(spdlog::level::from_str(level));
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

absl::Status WriteReadyFile(const std::string& path, const Endpoint& listen,
                            const Endpoint& http) {
  const nlohmann::json ready = {{"listen", ToString(listen)},
                                {"http", ToString(http)},
                                {"pid", getpid()}};
  return WriteFile(path, absl::StrCat(ready.dump(), "\n"), Durability::kAtomic);
}

}  // namespace atelier
