#include "worker/decoder/decoder_service.h"

#include <malloc.h>

#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

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

absl::Status ServePicture(FrameChannel& channel, absl::string_view bytes) {
  PictureFrame frame;
  if (!Unpack(bytes, frame)) return channel.Distrust("limits are expected");
  DecodeLimits limits;
  limits.max_file_bytes = frame.max_file_bytes;
  limits.max_pixels = frame.max_pixels;
  limits.max_memory_bytes = frame.max_memory_bytes;
  const absl::StatusOr<Image> image = DecodeToFit(
      bytes,
      [&](int width_px, int height_px) {
        return AskFit(channel, width_px, height_px);
      },
      limits);
  RETURN_IF_ERROR(channel.fault());
  if (!image.ok()) return SendFailure(channel, image.status());
  return channel.Send(FrameKind::kPixels, {BytesOf(image->rgb)});
}

absl::Status SendWeights(FrameChannel& channel, const WeightFile& file) {
  RETURN_IF_ERROR(
      channel.Send(FrameKind::kNetwork, {PackNetwork(file.network)}));
  std::vector<absl::string_view> values;
  for (const ConvolutionWeights& convolution : file.convolutions) {
    values.push_back(BytesOf(convolution.kernel));
    values.push_back(BytesOf(convolution.bias));
  }
  return channel.Send(FrameKind::kValues, values);
}

absl::Status ServeWeights(FrameChannel& channel, std::string request) {
  WeightsFrame frame;
  absl::string_view bytes = request;
  if (!Unpack(bytes, frame) || frame.name_bytes > bytes.size()) {
    return channel.Distrust("a name is expected");
  }
  WeightBytes weights;
  weights.name = std::string(bytes.substr(0, frame.name_bytes));
  request.erase(0, sizeof(frame) + frame.name_bytes);
  weights.bytes = std::make_shared<const std::string>(std::move(request));
  const absl::StatusOr<WeightFile> file = ParseWeights(weights);
  weights.bytes = nullptr;
  if (!file.ok()) return SendFailure(channel, file.status());
  return SendWeights(channel, *file);
}

// Readers throw where there is no memory, before they answer.
absl::Status ServeOne(FrameChannel& channel) try {
  ASSIGN_OR_RETURN(const FrameHeader header, channel.ReadHeader());
  ASSIGN_OR_RETURN(std::string request, channel.ReadText(header.size));
  switch (header.kind) {
    case FrameKind::kPicture:
      return ServePicture(channel, request);
    case FrameKind::kWeights:
      return ServeWeights(channel, std::move(request));
    default:
      return channel.Distrust("a picture or weights are expected");
  }
} catch (const std::bad_alloc&) {
  return SendFailure(channel, absl::InvalidArgumentError(
                                  "it takes more memory to read than a file "
                                  "of its kind and size needs"));
}

}  // namespace

absl::Status ServeDecoder(FrameChannel& channel, const absl::Status& filtered) {
  ReadyFrame ready;
  ready.filtered = filtered.ok() ? 1 : 0;
  RETURN_IF_ERROR(
      channel.Send(FrameKind::kReady, {AsBytes(ready), filtered.message()}));
  while (true) {
    RETURN_IF_ERROR(ServeOne(channel));
    // What one picture took is not kept until the next.
    malloc_trim(0);
  }
}

}  // namespace atelier
