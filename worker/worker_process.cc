#include "worker/worker_process.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/quoted_text.h"
#include "common/signals.h"

namespace atelier {
namespace {

// Handlers reach nothing but globals. Blocking the signals and waiting for them
// is no way: OpenBLAS starts threads before main, which would take them.
int stop_pipe[2] = {-1, -1};
volatile std::sig_atomic_t signals_seen = 0;

void HandleStopSignal(int number) {
  // As a shell reports a process that a signal ended.
  if (++signals_seen > 1) _exit(128 + number);
  const int error = errno;
  const char byte = static_cast<char>(number);
  [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
  errno = error;
}

}  // namespace

void CatchStopSignals() {
  if (pipe2(stop_pipe, O_CLOEXEC) != 0) {
    LogWarning("stop signals end the worker at once: ", strerror(errno));
    return;
  }
  struct sigaction action = {};
  action.sa_handler = HandleStopSignal;
  action.sa_flags = SA_RESTART;
  for (int number : StopSignals()) sigaction(number, &action, nullptr);
}

void OnStopSignal(std::function<void()> stop) {
  std::thread([stop = std::move(stop)] {
    char number = 0;
    ssize_t got = 0;
    do {
      got = read(stop_pipe[0], &number, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) return;
    LogInfo(strsignal(number), ": stopping");
    stop();
  }).detach();
}

bool IsInMemory(const std::string& folder) {
  struct statfs system {};
  return statfs(folder.c_str(), &system) == 0 &&
         (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

absl::StatusOr<std::unique_ptr<ScratchFolder>> ScratchFolder::Make() {
  const char* const given = std::getenv("TMPDIR");
  const std::string root = given != nullptr && *given != '\0' ? given : "/tmp";
  std::string path = absl::StrCat(root, "/atelier-worker-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no folder can be made in ", Quoted(root), " (", strerror(errno),
        "); give --cache a folder that can be written to, or set TMPDIR"));
  }
  return absl::WrapUnique(new ScratchFolder(std::move(path)));
}

ScratchFolder::ScratchFolder(std::string path) : path_(std::move(path)) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace atelier
