// Frames over a socket: what a worker and its decoder say to each other.
//
//   FrameChannel channel(fd, Clock::Steady());
//   channel.SetDeadline(now + absl::Minutes(2));
//   RETURN_IF_ERROR(channel.Send(FrameKind::kPicture, {AsBytes(request)}));
//   ASSIGN_OR_RETURN(FrameHeader answer, channel.ReadHeader());
#ifndef ATELIER_WORKER_DECODER_FRAME_CHANNEL_H_
#define ATELIER_WORKER_DECODER_FRAME_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/clock.h"

namespace atelier {

/// Of a frame: the first four bytes. The numbers never change their meaning.
enum class FrameKind : uint32_t {
  kReady = 1,    ///< ReadyFrame, and why calls are not filtered: text.
  kPicture = 2,  ///< PictureFrame; the file lies in the tray.
  kSize = 3,     ///< SizeFrame: what the picture's header says.
  kFit = 4,      ///< SizeFrame: what it is resized to; 0 x 0: it is not wanted.
  kPixels = 5,   ///< Nothing; Image::rgb, of that size, lies in the tray.
  kWeights = 6,  ///< WeightsFrame, a name; the file lies in the tray.
  kNetwork = 7,  ///< A NetworkDescription, as PackNetwork makes it.
  kValues = 8,   ///< Nothing; kernels and biases, in order, lie in the tray.
  kFailure = 9,  ///< FailureFrame, and a message.
};

/// As it lies on the wire, between two processes of one machine.
struct FrameHeader {
  FrameKind kind = FrameKind::kFailure;
  uint32_t reserved = 0;
  uint64_t size = 0;  ///< In bytes, of what follows.
};

/// The bytes of a plain struct. Lifetime: that of `plain`.
template <typename T>
absl::string_view AsBytes(const T& plain) {
  return {reinterpret_cast<const char*>(&plain), sizeof(plain)};
}

/// Owns the socket. After the first error of a method there is nothing more to
/// be had of it: fault() says why. Thread-compatible.
class FrameChannel {
 public:
  FrameChannel(int fd, Clock& clock);
  ~FrameChannel();
  FrameChannel(const FrameChannel&) = delete;
  FrameChannel& operator=(const FrameChannel&) = delete;

  int fd() const { return fd_; }

  /// By when what follows has to be done. At first: never.
  void SetDeadline(absl::Time deadline) { deadline_ = deadline; }

  /// Sends the parts as one frame.
  /// Errors: Unavailable (the other side is gone), DeadlineExceeded.
  absl::Status Send(FrameKind kind, absl::Span<const absl::string_view> parts);
  /// Errors: as Send.
  absl::StatusOr<FrameHeader> ReadHeader();
  /// The next bytes of a frame. Errors: as Send.
  absl::Status Read(void* to, size_t size);
  /// All of a frame. REQUIRES: the size was checked. Errors: as Send.
  absl::StatusOr<std::string> ReadText(uint64_t size);

  /// The other side does not keep to what was agreed. Returns DataLoss.
  absl::Status Distrust(absl::string_view why);
  const absl::Status& fault() const { return fault_; }

 private:
  absl::Status SendAll(absl::string_view bytes);
  // Until the socket can be read from or written to.
  absl::Status Await(short events);  // NOLINT: as poll has it.
  absl::Status Fault(const absl::Status& fault) { return fault_ = fault; }

  const int fd_;
  Clock& clock_;
  absl::Time deadline_ = absl::InfiniteFuture();
  absl::Status fault_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_FRAME_CHANNEL_H_
