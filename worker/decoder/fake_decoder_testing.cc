// A decoder that does, with the first file that it is given, what its argument
// says: the program that DecoderFaultTest starts in place of the real one.
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/image/image.h"
#include "worker/decoder/decoder_service.h"
#include "worker/decoder/frame_channel.h"
#include "worker/decoder/tray.h"
#include "worker/decoder/wire.h"

namespace atelier {
namespace {

absl::string_view Raw(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

// A sanitizer's handler would exit.
void DieOf(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// 8: the system gave no more; 9: all of 8 GB.
[[noreturn]] void TakeMemory() {
  for (int taken = 0; taken < 128; ++taken) {
    void* const memory = mmap(nullptr, 64 << 20, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(8);
  }
  _exit(9);
}

[[noreturn]] void Loop() {
  for (volatile uint64_t turns = 0;; turns = turns + 1) {
  }
}

class FakeDecoder {
 public:
  explicit FakeDecoder(FrameChannel& channel) : channel_(channel) {}

  bool SayReady(uint32_t version) {
    ReadyFrame ready;
    ready.version = version;
    ready.filtered = 1;
    return channel_.Send(FrameKind::kReady, {AsBytes(ready)}).ok();
  }

  bool AwaitFile() {
    const auto header = channel_.ReadHeader();
    return header.ok() && channel_.ReadText(header->size).ok();
  }

  // As for a picture of 4 x 2 px, up to its pixels.
  bool AgreeOnSize() {
    const SizeFrame size = {4, 2};
    return channel_.Send(FrameKind::kSize, {AsBytes(size)}).ok() && AwaitFile();
  }

  void Send(FrameKind kind, absl::string_view bytes) {
    channel_.Send(kind, {bytes}).IgnoreError();
  }

  void Misbehave(absl::string_view how) {
    if (how == "crash") DieOf(SIGSEGV);
    if (how == "abort") DieOf(SIGABRT);
    if (how == "killed") std::raise(SIGKILL);
    if (how == "exit") _exit(7);
    if (how == "loop") Loop();
    if (how == "memory") TakeMemory();
    if (how == "close") close(channel_.fd());
    if (how == "flood") Flood();
    if (how == "garbage") Send(FrameKind{0xdeadbeef}, "garbage");
    if (how == "size") SendSize({-4, 2});
    if (how == "huge size") SendSize({1 << 30, 1 << 30});
    if (how == "error") SendFailure(16, "what?");
    if (how == "control") SendFailure(3, "\x1b[2J\xff");
    if (how == "network") Send(FrameKind::kNetwork, std::string(24, '\x7f'));
    if (how == "values") SendNetwork(1 << 14);
    if (how == "few values") SendNetwork(1);
    if (how == "long text") {
      Send(FrameKind::kFailure, std::string(1 << 20, 'x'));
    }
    if (!AgreeOnSize()) return;
    if (how == "pixels") Send(FrameKind::kPixels, std::string(96, '\0'));
    // The tray has less than it says.
    if (how == "short" && ftruncate(kTrayFd, RoomAfter(10) + 95) == 0) {
      Send(FrameKind::kPixels, "");
    }
    if (how == "nan") {
      std::vector<float> values(24, 0.5F);
      values[23] = std::numeric_limits<float>::quiet_NaN();
      Leave(Raw(values));
      Send(FrameKind::kPixels, "");
    }
    if (how == "half") {
      FrameHeader header;
      header.kind = FrameKind::kPixels;
      header.size = 0;
      [[maybe_unused]] const ssize_t sent =
          write(channel_.fd(), &header, sizeof(header) / 2);
      _exit(0);
    }
  }

 private:
  void SendSize(const SizeFrame& size) {
    Send(FrameKind::kSize, AsBytes(size));
  }
  void SendFailure(int32_t code, absl::string_view message) {
    const FailureFrame failure = {code};
    channel_.Send(FrameKind::kFailure, {AsBytes(failure), message})
        .IgnoreError();
  }
  void SendNetwork(int channels) {
    NetworkDescription network;
    network.architecture = "vgg";
    network.blocks = {{channels, channels}};
    Send(FrameKind::kNetwork, PackNetwork(network));
  }
  // Behind the file of ten bytes.
  static void Leave(absl::string_view values) {
    [[maybe_unused]] const ssize_t left =
        pwrite(kTrayFd, values.data(), values.size(),
               static_cast<off_t>(RoomAfter(10)));
  }
  [[noreturn]] void Flood() {
    const std::string much(1 << 20, '\x01');
    while (true) {
      if (write(channel_.fd(), much.data(), much.size()) < 0) _exit(0);
    }
  }

  FrameChannel& channel_;
};

// "once PATH": is killed with the first file of its life's first process; the
// one that follows, which finds the file at PATH, is a real decoder.
int Main(const std::vector<std::string>& arguments) {
  FrameChannel channel(kDecoderFd, Clock::Steady());
  FakeDecoder fake(channel);
  const std::string how = arguments[1];
  if (how == "mute") Loop();
  if (how == "not ready") return 3;
  const bool old = how == "old";
  const bool once = how == "once" && !std::ifstream(arguments[2]).good();
  if (how == "unfiltered" || (how == "once" && !once)) {
    if (!InitialiseImages("fake_decoder").ok()) return 1;
    Tray tray(kTrayFd);
    return ServeDecoder(channel, tray, absl::UnimplementedError("no seccomp"))
                   .ok()
               ? 0
               : 1;
  }
  if (!fake.SayReady(kDecoderWireVersion + (old ? 1 : 0))) return 1;
  if (!fake.AwaitFile()) return 1;
  if (once) {
    std::ofstream(arguments[2]).put('x');
    std::raise(SIGKILL);
  }
  fake.Misbehave(how);
  // The answer is read before this is seen to be gone.
  fake.AwaitFile();
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) {
  _exit(atelier::Main(std::vector<std::string>(argv, argv + argc)));
}
