#include "worker/decoder/frame_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::Duration kLongestPoll = absl::Minutes(1);

// Bounded, so that a clock that jumps is looked at again.
int PollMilliseconds(absl::Duration left) {
  const absl::Duration wait =
      std::clamp(left, absl::ZeroDuration(), kLongestPoll);
  return static_cast<int>(
      absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

absl::Status Gone() { return absl::UnavailableError("it is gone"); }

}  // namespace

FrameChannel::FrameChannel(int fd, Clock& clock) : fd_(fd), clock_(clock) {}

FrameChannel::~FrameChannel() { close(fd_); }

absl::Status FrameChannel::Send(FrameKind kind,
                                absl::Span<const absl::string_view> parts) {
  FrameHeader header;
  header.kind = kind;
  for (const absl::string_view part : parts) header.size += part.size();
  RETURN_IF_ERROR(SendAll(AsBytes(header)));
  for (const absl::string_view part : parts) RETURN_IF_ERROR(SendAll(part));
  return absl::OkStatus();
}

absl::StatusOr<FrameHeader> FrameChannel::ReadHeader() {
  FrameHeader header;
  RETURN_IF_ERROR(Read(&header, sizeof(header)));
  return header;
}

absl::StatusOr<std::string> FrameChannel::ReadText(uint64_t size) {
  std::string text(size, '\0');
  RETURN_IF_ERROR(Read(text.data(), text.size()));
  return text;
}

absl::Status FrameChannel::Read(void* to, size_t size) {
  char* at = static_cast<char*>(to);
  while (size > 0) {
    RETURN_IF_ERROR(Await(POLLIN));
    const ssize_t got = read(fd_, at, size);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return Fault(Gone());
    at += got;
    size -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

absl::Status FrameChannel::SendAll(absl::string_view bytes) {
  while (!bytes.empty()) {
    RETURN_IF_ERROR(Await(POLLOUT));
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return Fault(Gone());
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::Status FrameChannel::Await(short events) {  // NOLINT: as poll has it.
  while (true) {
    const absl::Duration left = deadline_ - clock_.Now();
    pollfd waiting = {fd_, events, 0};
    const int ready = poll(&waiting, 1, PollMilliseconds(left));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Fault(Gone());
    if (ready == 0 && left <= absl::ZeroDuration()) {
      return Fault(absl::DeadlineExceededError("it takes too long"));
    }
  }
}

absl::Status FrameChannel::Distrust(absl::string_view why) {
  return Fault(absl::DataLossError(why));
}

}  // namespace atelier
