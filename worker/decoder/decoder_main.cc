// atelier-decoder: reads pictures and weight files for the worker that started
// it. Not for people: it speaks frames over the socket it was given.
#include <malloc.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <thread>

#include "absl/base/config.h"
#include "common/clock.h"
#include "common/image/image.h"
#include "worker/decoder/decoder_service.h"
#include "worker/decoder/frame_channel.h"
#include "worker/decoder/sandbox.h"
#include "worker/decoder/tray.h"
#include "worker/decoder/wire.h"

namespace atelier {
namespace {

bool IsSocket(int fd) {
  int type = 0;
  socklen_t size = sizeof(type);
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_STREAM;
}

// The worker stops this process by going away: a signal to all of its group or
// its service is not for a picture that is half read.
void LeaveSignalsToTheWorker() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    std::signal(number, SIG_IGN);
  }
}

// Whatever the other thread does, it ends with its worker.
void EndWithTheWorker(int fd) {
  std::thread([fd] {
    pollfd gone = {fd, POLLRDHUP, 0};
    while (poll(&gone, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

absl::Status Confine() {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
  return absl::UnimplementedError(
      "this build's sanitizers look at memory by calls of their own");
#else
  return EnterSandbox({kDecoderFd, kTrayFd});
#endif
}

int Main() {
  if (!IsSocket(kDecoderFd)) {
    std::fputs("atelier-decoder: is started by atelier-worker alone\n", stderr);
    return 2;
  }
  LeaveSignalsToTheWorker();
  // What is large goes back to the system with its picture; the rest is kept
  // for the next one.
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  mallopt(M_ARENA_MAX, 1);
  if (!InitialiseImages("atelier-decoder").ok()) return 1;
  const absl::Status filtered = Confine();
  EndWithTheWorker(kDecoderFd);
  FrameChannel channel(kDecoderFd, Clock::Steady());
  Tray tray(kTrayFd);
  return ServeDecoder(channel, tray, filtered).ok() ? 0 : 1;
}

}  // namespace
}  // namespace atelier

int main() { _exit(atelier::Main()); }
