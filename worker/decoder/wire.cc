#include "worker/decoder/wire.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/vgg_layout.h"
#include "worker/decoder/frame_channel.h"

namespace atelier {
namespace {

struct NetworkFrame {
  uint32_t padding = 0;
  uint32_t pooling = 0;
  uint32_t architecture_bytes = 0;
  uint32_t preprocessing_bytes = 0;
  uint32_t blocks = 0;
};

void Append(std::string& to, int32_t number) {
  const absl::string_view bytes = AsBytes(number);
  to.append(bytes.data(), bytes.size());
}

absl::Status Refused(absl::string_view field, absl::string_view value) {
  return InvalidArgument("network: ", field, " is ", value);
}

// The texts travel and are shown.
absl::StatusOr<std::string> TakeNote(absl::string_view field, uint32_t size,
                                     absl::string_view& bytes) {
  const absl::string_view text = bytes.substr(0, size);
  if (size > kMaxNoteBytes || text.size() != size ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    return Refused(field, Quoted(text));
  }
  bytes.remove_prefix(size);
  return std::string(text);
}

absl::StatusOr<std::vector<int>> TakeBlock(absl::string_view& bytes,
                                           size_t& convolutions) {
  int32_t size = 0;
  if (!Unpack(bytes, size) || size < 1 || size > kMaxConvolutions) {
    return Refused("a block", "cut short or empty");
  }
  std::vector<int> block;
  for (int32_t i = 0; i < size; ++i) {
    int32_t channels = 0;
    if (!Unpack(bytes, channels) || channels < 1 || channels > kMaxChannels ||
        ++convolutions > kMaxConvolutions) {
      return Refused("a convolution", absl::StrCat(channels, " channels wide"));
    }
    block.push_back(channels);
  }
  return block;
}

// in and out channels of each.
std::vector<std::pair<int, int>> Shapes(const NetworkDescription& network) {
  std::vector<std::pair<int, int>> shapes;
  int channels = kImageChannels;
  for (const std::vector<int>& block : network.blocks) {
    for (const int out : block) {
      shapes.emplace_back(channels, out);
      channels = out;
    }
  }
  return shapes;
}

}  // namespace

std::string PackNetwork(const NetworkDescription& network) {
  NetworkFrame frame;
  frame.padding = static_cast<uint32_t>(network.padding);
  frame.pooling = static_cast<uint32_t>(network.pooling);
  frame.architecture_bytes = static_cast<uint32_t>(network.architecture.size());
  frame.preprocessing_bytes =
      static_cast<uint32_t>(network.preprocessing.size());
  frame.blocks = static_cast<uint32_t>(network.blocks.size());
  std::string bytes =
      absl::StrCat(AsBytes(frame), network.architecture, network.preprocessing);
  for (const std::vector<int>& block : network.blocks) {
    Append(bytes, static_cast<int32_t>(block.size()));
    for (const int channels : block) Append(bytes, channels);
  }
  return bytes;
}

absl::StatusOr<NetworkDescription> UnpackNetwork(absl::string_view bytes) {
  NetworkFrame frame;
  if (!Unpack(bytes, frame)) return Refused("its frame", "cut short");
  if (frame.padding > static_cast<uint32_t>(Padding::kReplicate)) {
    return Refused("padding", absl::StrCat(frame.padding));
  }
  if (frame.pooling > static_cast<uint32_t>(Pooling::kL2)) {
    return Refused("pooling", absl::StrCat(frame.pooling));
  }
  NetworkDescription network;
  network.padding = static_cast<Padding>(frame.padding);
  network.pooling = static_cast<Pooling>(frame.pooling);
  ASSIGN_OR_RETURN(network.architecture,
                   TakeNote("architecture", frame.architecture_bytes, bytes));
  ASSIGN_OR_RETURN(network.preprocessing,
                   TakeNote("preprocessing", frame.preprocessing_bytes, bytes));
  if (frame.blocks < 1 || frame.blocks > kMaxBlocks) {
    return Refused("blocks", absl::StrCat(frame.blocks));
  }
  size_t convolutions = 0;
  for (uint32_t i = 0; i < frame.blocks; ++i) {
    ASSIGN_OR_RETURN(std::vector<int> block, TakeBlock(bytes, convolutions));
    network.blocks.push_back(std::move(block));
  }
  if (!bytes.empty()) return Refused("its frame", "too long");
  return network;
}

std::vector<ConvolutionWeights> EmptyConvolutions(
    const NetworkDescription& network) {
  std::vector<ConvolutionWeights> convolutions;
  for (const auto& [in, out] : Shapes(network)) {
    ConvolutionWeights& convolution = convolutions.emplace_back();
    convolution.in_channels = in;
    convolution.out_channels = out;
    convolution.kernel.resize(size_t{9} * in * out);
    convolution.bias.resize(static_cast<size_t>(out));
  }
  return convolutions;
}

uint64_t ValueBytes(const NetworkDescription& network) {
  uint64_t values = 0;
  for (const auto& [in, out] : Shapes(network)) {
    values += (uint64_t{9} * in + 1) * out;
  }
  return values * sizeof(float);
}

}  // namespace atelier
