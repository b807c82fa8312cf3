#include "worker/decoder/decoder_service.h"

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "common/image/image.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "worker/decoder/wire.h"

namespace atelier {
namespace {

absl::string_view BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

absl::Status SendFailure(FrameChannel& channel, const absl::Status& failure) {
  FailureFrame frame;
  frame.code = static_cast<int32_t>(failure.code());
  return channel.Send(
      FrameKind::kFailure,
      {AsBytes(frame),
       absl::string_view(failure.message()).substr(0, kMaxTextBytes)});
}

// Asks the worker, which knows the render.
absl::StatusOr<std::pair<int, int>> AskFit(FrameChannel& channel, int width_px,
                                           int height_px) {
  const SizeFrame size = {width_px, height_px};
  RETURN_IF_ERROR(channel.Send(FrameKind::kSize, {AsBytes(size)}));
  ASSIGN_OR_RETURN(const FrameHeader header, channel.ReadHeader());
  SizeFrame fit;
  if (header.kind != FrameKind::kFit || header.size != sizeof(fit)) {
    return channel.Distrust("a size is expected");
  }
  RETURN_IF_ERROR(channel.Read(&fit, sizeof(fit)));
  if (fit.width_px == 0) return absl::CancelledError("not wanted");
  return std::pair{fit.width_px, fit.height_px};
}

// Leaves the parts in the room behind the file, and says so.
absl::Status Deliver(FrameChannel& channel, Tray& tray, FrameKind kind,
                     uint64_t file_bytes,
                     absl::Span<const absl::string_view> parts) {
  uint64_t at = RoomAfter(file_bytes);
  for (const absl::string_view part : parts) {
    const absl::Status put = tray.Put(at, part);
    if (!put.ok()) return SendFailure(channel, put);
    at += part.size();
  }
  return channel.Send(kind, {});
}

absl::Status ServePicture(FrameChannel& channel, Tray& tray,
                          absl::string_view request) {
  PictureFrame frame;
  if (!Unpack(request, frame)) return channel.Distrust("limits are expected");
  std::string file(frame.file_bytes, '\0');
  RETURN_IF_ERROR(tray.Take(0, file.data(), file.size()));
  DecodeLimits limits;
  limits.max_file_bytes = frame.max_file_bytes;
  limits.max_pixels = frame.max_pixels;
  limits.max_memory_bytes = frame.max_memory_bytes;
  const absl::StatusOr<Image> image = DecodeToFit(
      file,
      [&](int width_px, int height_px) {
        return AskFit(channel, width_px, height_px);
      },
      limits);
  RETURN_IF_ERROR(channel.fault());
  if (!image.ok()) return SendFailure(channel, image.status());
  return Deliver(channel, tray, FrameKind::kPixels, frame.file_bytes,
                 {BytesOf(image->rgb)});
}

absl::Status SendWeights(FrameChannel& channel, Tray& tray, uint64_t file_bytes,
                         const WeightFile& file) {
  RETURN_IF_ERROR(
      channel.Send(FrameKind::kNetwork, {PackNetwork(file.network)}));
  std::vector<absl::string_view> values;
  for (const ConvolutionWeights& convolution : file.convolutions) {
    values.push_back(BytesOf(convolution.kernel));
    values.push_back(BytesOf(convolution.bias));
  }
  return Deliver(channel, tray, FrameKind::kValues, file_bytes, values);
}

absl::Status ServeWeights(FrameChannel& channel, Tray& tray,
                          absl::string_view request) {
  WeightsFrame frame;
  if (!Unpack(request, frame)) return channel.Distrust("a size is expected");
  std::string bytes(frame.file_bytes, '\0');
  RETURN_IF_ERROR(tray.Take(0, bytes.data(), bytes.size()));
  WeightBytes weights;
  weights.name = std::string(request);
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  const absl::StatusOr<WeightFile> file = ParseWeights(weights);
  weights.bytes = nullptr;
  if (!file.ok()) return SendFailure(channel, file.status());
  return SendWeights(channel, tray, frame.file_bytes, *file);
}

// Readers throw where there is no memory, before they answer.
absl::Status ServeOne(FrameChannel& channel, Tray& tray) try {
  ASSIGN_OR_RETURN(const FrameHeader header, channel.ReadHeader());
  ASSIGN_OR_RETURN(const std::string request, channel.ReadText(header.size));
  switch (header.kind) {
    case FrameKind::kPicture:
      return ServePicture(channel, tray, request);
    case FrameKind::kWeights:
      return ServeWeights(channel, tray, request);
    default:
      return channel.Distrust("a picture or weights are expected");
  }
} catch (const std::bad_alloc&) {
  return SendFailure(channel, absl::InvalidArgumentError(
                                  "it takes more memory to read than a file "
                                  "of its kind and size needs"));
}

}  // namespace

absl::Status ServeDecoder(FrameChannel& channel, Tray& tray,
                          const absl::Status& filtered) {
  ReadyFrame ready;
  ready.filtered = filtered.ok() ? 1 : 0;
  RETURN_IF_ERROR(
      channel.Send(FrameKind::kReady, {AsBytes(ready), filtered.message()}));
  while (true) RETURN_IF_ERROR(ServeOne(channel, tray));
}

}  // namespace atelier
