// A decoder's process, as its worker sees it.
#ifndef ATELIER_WORKER_DECODER_DECODER_CHILD_H_
#define ATELIER_WORKER_DECODER_DECODER_CHILD_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "worker/decoder/frame_channel.h"
#include "worker/decoder/tray.h"

namespace atelier {

/// How a process ended.
struct ChildEnd {
  int signal = 0;     ///< That ended it; 0: it ended by itself.
  int code = 0;       ///< The exit code, where it did.
  bool ours = false;  ///< It was still alive, and was killed here.
};

/// A child with one end of a socket as its descriptor kDecoderFd, a tray as
/// kTrayFd, and nothing else of ours: no other descriptor, no output, an empty
/// environment but for LD_LIBRARY_PATH, a session of its own. Killed, and
/// waited for, with this object. Thread-compatible.
class DecoderChild {
 public:
  /// Starts command[0]. May be called from any thread.
  /// Errors: as the system says (names the program).
  static absl::StatusOr<std::unique_ptr<DecoderChild>> Start(
      const std::vector<std::string>& command, Clock& clock);
  ~DecoderChild();
  DecoderChild(const DecoderChild&) = delete;
  DecoderChild& operator=(const DecoderChild&) = delete;

  FrameChannel& channel() { return channel_; }
  Tray& tray() { return *tray_; }
  pid_t pid() const { return pid_; }
  /// Never waits.
  bool HasEnded();
  /// What its private memory may come to from now on. It is not counted where
  /// this is built with a sanitizer, which has memory of its own.
  void LimitMemory(int64_t bytes);
  /// Lets one that is ending end, kills one that is not, and says how it did.
  ChildEnd End();

 private:
  DecoderChild(pid_t pid, int fd, std::unique_ptr<Tray> tray, Clock& clock)
      : pid_(pid), channel_(fd, clock), tray_(std::move(tray)) {}
  void Wait(int options);

  const pid_t pid_;
  FrameChannel channel_;
  const std::unique_ptr<Tray> tray_;
  bool ended_ = false;
  ChildEnd end_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_DECODER_CHILD_H_
