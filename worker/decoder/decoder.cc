#include "worker/decoder/decoder.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "worker/decoder/wire.h"

namespace atelier {
namespace {

// Of the libraries, threads' stacks, and rows on their way.
constexpr int64_t kOwnBytes = int64_t{256} << 20;

int64_t Sum(int64_t a, int64_t b) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

uint32_t Number(FrameKind kind) { return static_cast<uint32_t>(kind); }

bool AllFinite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

// The next of the values in the tray.
absl::Status TakeValues(DecoderChild& child, uint64_t& at,
                        std::vector<float>& values) {
  const size_t bytes = values.size() * sizeof(float);
  const absl::Status taken = child.tray().Take(at, values.data(), bytes);
  if (!taken.ok()) return child.channel().Distrust(taken.message());
  at += bytes;
  if (AllFinite(values)) return absl::OkStatus();
  return child.channel().Distrust("values that are not finite");
}

// What the decoder says of a file, as it is said; or that it may not say this.
absl::Status ReadFailure(FrameChannel& channel, const FrameHeader& header) {
  if (header.size > sizeof(FailureFrame) + kMaxTextBytes) {
    return channel.Distrust(
        absl::StrCat("a message of ", header.size, " bytes"));
  }
  ASSIGN_OR_RETURN(const std::string text, channel.ReadText(header.size));
  absl::string_view message = text;
  FailureFrame failure;
  if (!Unpack(message, failure)) return channel.Distrust("half a message");
  const auto code = static_cast<absl::StatusCode>(failure.code);
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kCancelled:
      return absl::Status(code, ClippedText(message, kMaxTextBytes));
    default:
      return channel.Distrust(absl::StrCat("an error ", failure.code));
  }
}

// The header of the frame that is expected; else the failure that came in its
// place.
absl::StatusOr<FrameHeader> ReadExpected(FrameChannel& channel,
                                         FrameKind kind) {
  ASSIGN_OR_RETURN(const FrameHeader header, channel.ReadHeader());
  if (header.kind == kind) return header;
  if (header.kind == FrameKind::kFailure) return ReadFailure(channel, header);
  return channel.Distrust(absl::StrCat("a frame ", Number(header.kind),
                                       " where ", Number(kind),
                                       " is expected"));
}

absl::Status ReadExactly(FrameChannel& channel, FrameKind kind, uint64_t size) {
  ASSIGN_OR_RETURN(const FrameHeader header, ReadExpected(channel, kind));
  if (header.size == size) return absl::OkStatus();
  return channel.Distrust(absl::StrCat("a frame ", Number(kind), " of ",
                                       header.size, " bytes where ", size,
                                       " are expected"));
}

absl::StatusOr<std::pair<int, int>> ReadSize(FrameChannel& channel,
                                             const DecodeLimits& limits) {
  SizeFrame size;
  RETURN_IF_ERROR(ReadExactly(channel, FrameKind::kSize, sizeof(size)));
  RETURN_IF_ERROR(channel.Read(&size, sizeof(size)));
  if (size.width_px < 1 || size.height_px < 1 ||
      int64_t{size.width_px} * size.height_px > limits.max_pixels) {
    return channel.Distrust(absl::StrCat("a picture of ", size.width_px, " x ",
                                         size.height_px, " px"));
  }
  return std::pair{size.width_px, size.height_px};
}

absl::Status TalkOfPicture(DecoderChild& child, absl::string_view bytes,
                           FitFn fit, const DecodeLimits& limits,
                           Image& image) {
  FrameChannel& channel = child.channel();
  RETURN_IF_ERROR(child.tray().Put(0, bytes));
  const PictureFrame request = {bytes.size(), limits.max_file_bytes,
                                limits.max_pixels, limits.max_memory_bytes};
  RETURN_IF_ERROR(channel.Send(FrameKind::kPicture, {AsBytes(request)}));
  ASSIGN_OR_RETURN(const auto size, ReadSize(channel, limits));
  const auto wanted = fit(size.first, size.second);
  SizeFrame answer;
  if (wanted.ok()) answer = {wanted->first, wanted->second};
  const uint64_t values = uint64_t{3} * static_cast<uint64_t>(answer.width_px) *
                          static_cast<uint64_t>(answer.height_px);
  RETURN_IF_ERROR(channel.Send(FrameKind::kFit, {AsBytes(answer)}));
  const absl::Status there = ReadExactly(channel, FrameKind::kPixels, 0);
  RETURN_IF_ERROR(channel.fault());
  RETURN_IF_ERROR(wanted.status());
  RETURN_IF_ERROR(there);
  // Its own check, which it may have lost.
  if (values * sizeof(float) > static_cast<uint64_t>(limits.max_memory_bytes)) {
    return channel.Distrust("pixels that there is no memory for");
  }
  image = {answer.width_px, answer.height_px, std::vector<float>(values)};
  uint64_t at = RoomAfter(bytes.size());
  return TakeValues(child, at, image.rgb);
}

// The network whose values are to come.
absl::StatusOr<NetworkDescription> ReadNetwork(FrameChannel& channel,
                                               uint64_t file_bytes) {
  ASSIGN_OR_RETURN(const FrameHeader header,
                   ReadExpected(channel, FrameKind::kNetwork));
  if (header.size > kMaxTextBytes) {
    return channel.Distrust(
        absl::StrCat("a network of ", header.size, " bytes"));
  }
  ASSIGN_OR_RETURN(const std::string packed, channel.ReadText(header.size));
  absl::StatusOr<NetworkDescription> network = UnpackNetwork(packed);
  if (!network.ok()) return channel.Distrust(network.status().message());
  // Each value takes two bytes in the file at least; biases may be left out.
  if (const uint64_t size = ValueBytes(*network); size > 3 * file_bytes) {
    return channel.Distrust(absl::StrCat("values of ", size, " bytes"));
  }
  return network;
}

absl::Status TalkOfWeights(DecoderChild& child, const WeightBytes& weights,
                           WeightFile& file) {
  FrameChannel& channel = child.channel();
  RETURN_IF_ERROR(child.tray().Put(0, *weights.bytes));
  const WeightsFrame request = {weights.bytes->size()};
  RETURN_IF_ERROR(
      channel.Send(FrameKind::kWeights, {AsBytes(request), weights.name}));
  ASSIGN_OR_RETURN(file.network, ReadNetwork(channel, weights.bytes->size()));
  RETURN_IF_ERROR(ReadExactly(channel, FrameKind::kValues, 0));
  file.convolutions = EmptyConvolutions(file.network);
  uint64_t at = RoomAfter(weights.bytes->size());
  for (ConvolutionWeights& convolution : file.convolutions) {
    RETURN_IF_ERROR(TakeValues(child, at, convolution.kernel));
    RETURN_IF_ERROR(TakeValues(child, at, convolution.bias));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Decoder>> Decoder::Start(DecoderOptions options,
                                                        Clock& clock) {
  ASSIGN_OR_RETURN(std::unique_ptr<Decoder> decoder,
                   Spawn(std::move(options), clock));
  RETURN_IF_ERROR(decoder->AwaitReady());
  return decoder;
}

absl::StatusOr<std::unique_ptr<Decoder>> Decoder::Spawn(DecoderOptions options,
                                                        Clock& clock) {
  std::unique_ptr<Decoder> decoder(new Decoder(std::move(options), clock));
  absl::MutexLock lock(&decoder->mutex_);
  ASSIGN_OR_RETURN(decoder->child_, decoder->SpawnChild());
  return decoder;
}

absl::Status Decoder::AwaitReady() {
  absl::MutexLock lock(&mutex_);
  return AwaitChild(*child_);
}

std::string Decoder::What() const {
  return absl::StrCat("the decoder ", options_.command[0]);
}

absl::StatusOr<std::unique_ptr<DecoderChild>> Decoder::SpawnChild() const {
  absl::StatusOr<std::unique_ptr<DecoderChild>> child =
      DecoderChild::Start(options_.command, clock_);
  if (child.ok()) return child;
  return absl::FailedPreconditionError(
      absl::StrCat(What(), " can't be started: ", child.status().message()));
}

absl::Status Decoder::AwaitChild(DecoderChild& child) {
  FrameChannel& channel = child.channel();
  channel.SetDeadline(clock_.Now() + options_.start_limit);
  const absl::Status ready = ReadReady(channel);
  if (ready.ok()) return ready;
  if (absl::IsUnimplemented(ready)) return Annotate(ready, What());
  return absl::FailedPreconditionError(
      absl::StrCat(What(), " does not begin: ", ready.message()));
}

absl::Status Decoder::ReadReady(FrameChannel& channel) {
  ASSIGN_OR_RETURN(const FrameHeader header,
                   ReadExpected(channel, FrameKind::kReady));
  if (header.size > sizeof(ReadyFrame) + kMaxTextBytes) {
    return channel.Distrust("it says too much");
  }
  ASSIGN_OR_RETURN(const std::string text, channel.ReadText(header.size));
  absl::string_view why = text;
  ReadyFrame ready;
  if (!Unpack(why, ready) || ready.version != kDecoderWireVersion) {
    return channel.Distrust("it is of another build than this program");
  }
  filtered_ = ready.filtered != 0
                  ? absl::OkStatus()
                  : absl::UnimplementedError(ClippedText(why, kMaxTextBytes));
  return options_.require_filter ? filtered_ : absl::OkStatus();
}

absl::Status Decoder::Exchange(
    uint64_t file_bytes, int64_t memory_bytes,
    absl::FunctionRef<absl::Status(DecoderChild&)> talk) {
  absl::MutexLock lock(&mutex_);
  for (const bool again : {false, true}) {
    // Its own until the exchange is over: what leaves this early ends it.
    std::unique_ptr<DecoderChild> child = std::move(child_);
    if (child == nullptr || child->HasEnded()) {
      child = nullptr;
      absl::StatusOr<std::unique_ptr<DecoderChild>> next = SpawnChild();
      if (!next.ok()) return absl::InternalError(next.status().message());
      child = *std::move(next);
      if (const absl::Status ready = AwaitChild(*child); !ready.ok()) {
        return absl::InternalError(ready.message());
      }
    }
    child->LimitMemory(Sum(kOwnBytes, memory_bytes));
    FrameChannel& channel = child->channel();
    channel.SetDeadline(clock_.Now() + options_.time_limit);
    const absl::Status result = talk(*child);
    if (channel.fault().ok()) {
      child->tray().Trim();
      child_ = std::move(child);
      return result;
    }
    const ChildEnd end = child->End();
    // By the kernel for want of memory, or by a person: not the file's doing.
    const bool was_killed = end.signal == SIGKILL && !end.ours;
    if (!was_killed || again) return Blame(channel.fault(), end, file_bytes);
  }
  return absl::OkStatus();
}

absl::Status Decoder::Blame(const absl::Status& fault, const ChildEnd& end,
                            uint64_t file_bytes) const {
  const std::string reading =
      absl::StrCat("reading this file of ", file_bytes, " bytes ");
  if (absl::IsDeadlineExceeded(fault)) {
    return InvalidArgument(reading, "takes longer than ",
                           absl::FormatDuration(options_.time_limit),
                           ", which is the most");
  }
  if (absl::IsDataLoss(fault) || end.ours) {
    return InvalidArgument(
        reading, "made the decoder answer what can't be: ", fault.message());
  }
  if (end.signal == SIGKILL) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "memory: the decoder was killed twice while ", reading,
        "(SIGKILL, as where the machine or the container has no more)"));
  }
  if (end.signal != 0) {
    return InvalidArgument(reading,
                           "crashed the decoder: ", NameOfSignal(end.signal));
  }
  return InvalidArgument(reading, "ended the decoder with exit code ",
                         end.code);
}

absl::StatusOr<Image> Decoder::DecodeToFit(absl::string_view bytes, FitFn fit,
                                           const DecodeLimits& limits) {
  Image image;
  RETURN_IF_ERROR(
      Exchange(bytes.size(),
               Sum(static_cast<int64_t>(bytes.size()), limits.max_memory_bytes),
               [&](DecoderChild& child) {
                 return TalkOfPicture(child, bytes, fit, limits, image);
               }));
  return image;
}

absl::StatusOr<WeightFile> Decoder::ParseWeights(const WeightBytes& weights) {
  WeightFile file;
  // The file, and its values as floats: at most twice as large.
  const int64_t most = int64_t{4} * static_cast<int64_t>(weights.bytes->size());
  RETURN_IF_ERROR(
      Exchange(weights.bytes->size(), most, [&](DecoderChild& child) {
        return TalkOfWeights(child, weights, file);
      }));
  file.network.name = weights.name.substr(weights.name.find_last_of('/') + 1);
  file.network.weights_digest = weights.digest;
  return file;
}

absl::Status Decoder::filtered() const {
  absl::MutexLock lock(&mutex_);
  return filtered_;
}

absl::StatusOr<std::string> DecoderBesideThisProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("/proc/self/exe: ", error.message()));
  }
  return (self.parent_path() / "atelier-decoder").string();
}

}  // namespace atelier
