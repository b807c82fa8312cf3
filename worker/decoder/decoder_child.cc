#include "worker/decoder/decoder_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/base/config.h"
#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/decoder/wire.h"

namespace atelier {
namespace {

// From the moment that its socket is closed: to write no core and be gone.
constexpr int kEndsWithinMs = 1000;

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kCountsMemory = false;
#else
constexpr bool kCountsMemory = true;
#endif

// Descriptors and signals as the child begins with.
class SpawnSetup {
 public:
  // REQUIRES: descriptors above kTrayFd.
  SpawnSetup(int fd, int tray_fd) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, fd, kDecoderFd);
    posix_spawn_file_actions_adddup2(&files_, tray_fd, kTrayFd);
    Open(STDIN_FILENO, O_RDONLY);
    Open(STDOUT_FILENO, O_WRONLY);
    Open(STDERR_FILENO, O_WRONLY);
    posix_spawn_file_actions_addclosefrom_np(&files_, kTrayFd + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSID |  // NOLINT
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  void Open(int fd, int how) {
    posix_spawn_file_actions_addopen(&files_, fd, "/dev/null", how, 0);
  }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Secrets may come to a worker by its environment.
std::vector<std::string> Environment() {
  const char* const libraries = std::getenv("LD_LIBRARY_PATH");
  if (libraries == nullptr) return {};
  return {absl::StrCat("LD_LIBRARY_PATH=", libraries)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<DecoderChild>> DecoderChild::Start(
    const std::vector<std::string>& command, Clock& clock) {
  absl::StatusOr<std::unique_ptr<Tray>> tray = Tray::Make();
  if (!tray.ok()) return tray.status();
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    return absl::ErrnoToStatus(errno, "socketpair");
  }
  // Out of the way of the numbers that they get there.
  const int theirs = fcntl(fds[1], F_DUPFD_CLOEXEC, kTrayFd + 1);
  const int tray_fd = fcntl((*tray)->fd(), F_DUPFD_CLOEXEC, kTrayFd + 1);
  const absl::Cleanup close_theirs = [&] {
    for (const int fd : {fds[1], theirs, tray_fd}) close(fd);
  };
  const SpawnSetup setup(theirs, tray_fd);
  const std::vector<std::string> environment = Environment();
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, command[0].c_str(), setup.files(), setup.attributes(),
                  Pointers(command).data(), Pointers(environment).data());
  if (error != 0) {
    close(fds[0]);
    return absl::ErrnoToStatus(error, command[0]);
  }
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return std::unique_ptr<DecoderChild>(
      new DecoderChild(pid, fds[0], *std::move(tray), clock));
}

DecoderChild::~DecoderChild() {
  if (HasEnded()) return;
  kill(pid_, SIGKILL);
  Wait(0);
}

void DecoderChild::Wait(int options) {
  int status = 0;
  pid_t waited = -1;
  do {
    waited = waitpid(pid_, &status, options);
  } while (waited < 0 && errno == EINTR);
  if (waited == 0) return;
  ended_ = true;
  if (waited != pid_) return;
  if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end_.code = WEXITSTATUS(status);
}

bool DecoderChild::HasEnded() {
  if (!ended_) Wait(WNOHANG);
  return ended_;
}

void DecoderChild::LimitMemory(int64_t bytes) {
  if (!kCountsMemory) return;
  const rlimit limit = {static_cast<rlim_t>(std::max<int64_t>(bytes, 0)),
                        RLIM_INFINITY};
  prlimit(pid_, RLIMIT_DATA, &limit, nullptr);
}

ChildEnd DecoderChild::End() {
  if (!HasEnded() && absl::IsUnavailable(channel_.fault())) {
    pollfd ending = {static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)), POLLIN,
                     0};
    poll(&ending, 1, kEndsWithinMs);
    if (ending.fd >= 0) close(ending.fd);
  }
  if (HasEnded()) return end_;
  kill(pid_, SIGKILL);
  Wait(0);
  end_.ours = true;
  return end_;
}

}  // namespace atelier
