#include "common/output_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <streambuf>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/signals.h"

namespace atelier {

class OutputStream::Buffer : public std::streambuf {
 public:
  explicit Buffer(int fd) : fd_(fd) { Clear(); }

  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override {
    if (sync() != 0) return traits_type::eof();
    if (traits_type::eq_int_type(c, traits_type::eof())) {
      return traits_type::not_eof(c);
    }
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
    return c;
  }

  int sync() override {
    const char* next = pbase();
    while (error_ == 0 && next < pptr()) {
      const ssize_t written =
          ::write(fd_, next, static_cast<size_t>(pptr() - next));
      if (written >= 0) {
        next += written;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        pollfd wait = {fd_, POLLOUT, 0};
        poll(&wait, 1, -1);
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    // What could not be written is lost: more of it would make no whole.
    Clear();
    return error_ == 0 ? 0 : -1;
  }

 private:
  void Clear() { setp(bytes_.data(), bytes_.data() + bytes_.size()); }

  const int fd_;
  int error_ = 0;
  std::array<char, 1 << 16> bytes_;
};

OutputStream::OutputStream(int fd)
    : std::ostream(nullptr), buffer_(std::make_unique<Buffer>(fd)) {
  rdbuf(buffer_.get());
}

OutputStream::~OutputStream() { flush(); }

int OutputStream::error() const { return buffer_->error(); }

namespace {

int ErrorOf(const std::ostream& out) {
  const auto* const stream = dynamic_cast<const OutputStream*>(&out);
  return stream == nullptr ? 0 : stream->error();
}

}  // namespace

void HoldStandardStreams() {
  // The wrong way round: what was closed is not to be read or written.
  constexpr std::pair<int, int> kStreams[] = {{STDIN_FILENO, O_WRONLY},
                                              {STDOUT_FILENO, O_RDONLY},
                                              {STDERR_FILENO, O_RDONLY}};
  for (const auto& [fd, mode] : kStreams) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest number that is free, and so `fd`.
    [[maybe_unused]] const int held = open("/dev/null", mode);
  }
}

absl::Status FlushOutput(std::ostream& out) {
  if (out.flush()) return absl::OkStatus();
  const int error = ErrorOf(out);
  return absl::InternalError(absl::StrCat(
      "standard output: ",
      error == 0 ? "its bytes cannot be written" : std::strerror(error)));
}

bool ReaderIsGone(const std::ostream& out) {
  return ErrorOf(out) == EPIPE && !BrokenPipesWereIgnored();
}

int FinishOutput(std::ostream& out, const char* program, int code) {
  const absl::Status arrived = FlushOutput(out);
  if (arrived.ok()) return code;
  if (ReaderIsGone(out)) return kExitBrokenPipe;
  std::fprintf(stderr, "%s: %s\n", program,
               std::string(arrived.message()).c_str());
  return 1;
}

}  // namespace atelier
