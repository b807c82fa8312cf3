#include "common/weights/vgg_layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kPrefix = "features.";
// VGG-19 has 5 blocks of 16 convolutions, at most 512 channels wide.
constexpr int kMaxBlocks = 8;
constexpr int kMaxConvolutions = 64;
constexpr int kMaxChannels = 1 << 16;

absl::Status TensorError(absl::string_view name, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("tensor ", Quoted(name), " ", what));
}

std::string KeyOf(int index, absl::string_view what) {
  return absl::StrCat(kPrefix, index, ".", what);
}

// The number of "N.weight" or "N.bias", spelled as torchvision spells it.
std::optional<int> IndexOf(absl::string_view key) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(key, absl::MaxSplits('.', 1));
  int index = 0;
  if ((parts.second != "weight" && parts.second != "bias") ||
      !absl::SimpleAtoi(parts.first, &index) || index < 0 ||
      absl::StrCat(index) != parts.first) {
    return std::nullopt;
  }
  return index;
}

// The convolutions' places, in order.
absl::StatusOr<std::vector<int>> FindIndices(const NamedTensors& file) {
  std::vector<int> indices;
  for (const auto& [name, tensor] : file.tensors) {
    absl::string_view key = name;
    if (!absl::ConsumePrefix(&key, kPrefix)) continue;
    const std::optional<int> index = IndexOf(key);
    if (!index.has_value()) {
      return TensorError(name,
                         "is not part of a plain VGG: features.N.weight and "
                         "features.N.bias are expected (batch normalisation "
                         "is not read)");
    }
    indices.push_back(*index);
  }
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  if (indices.empty() || indices.front() != 0) {
    return absl::InvalidArgumentError(
        "has no tensor 'features.0.weight': a VGG with torchvision's key names "
        "is expected");
  }
  if (indices.size() > kMaxConvolutions) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", indices.size(), " convolutions; at most ",
                     kMaxConvolutions, " are read"));
  }
  return indices;
}

absl::StatusOr<const TensorView*> Find(const NamedTensors& file,
                                       const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    return TensorError(
        name, "is missing: every convolution needs a weight and a bias");
  }
  const std::string& dtype = found->second.dtype;
  if (dtype != "F32" && dtype != "F16" && dtype != "BF16") {
    return TensorError(name, absl::StrCat("is of type ", Quoted(dtype),
                                          "; F32, F16 and BF16 are read"));
  }
  return &found->second;
}

absl::StatusOr<ConvolutionTensors> ReadConvolution(const NamedTensors& file,
                                                   int index, int in_channels) {
  ConvolutionTensors result;
  result.kernel = KeyOf(index, "weight");
  result.bias = KeyOf(index, "bias");
  ASSIGN_OR_RETURN(const TensorView* kernel, Find(file, result.kernel));
  ASSIGN_OR_RETURN(const TensorView* bias, Find(file, result.bias));
  const std::vector<int64_t>& shape = kernel->shape;
  if (shape.size() != 4 || shape[0] < 1 || shape[0] > kMaxChannels ||
      shape[1] != in_channels || shape[2] != 3 || shape[3] != 3) {
    return TensorError(
        result.kernel,
        absl::StrCat("has shape ", ShapeText(shape), "; [out, ", in_channels,
                     ", 3, 3] is expected, with out from 1 to ", kMaxChannels));
  }
  if (bias->shape != std::vector<int64_t>{shape[0]}) {
    return TensorError(result.bias,
                       absl::StrCat("has shape ", ShapeText(bias->shape), "; [",
                                    shape[0], "] is expected"));
  }
  result.in_channels = in_channels;
  result.out_channels = shape[0];
  return result;
}

// Whether the convolution at `index` opens a block, from the place before it.
absl::StatusOr<bool> FollowsPool(int before, int index) {
  if (index - before == 2) return false;
  if (index - before == 3) return true;
  return TensorError(
      KeyOf(index, "weight"),
      absl::StrCat("follows ", KeyOf(before, "weight"), "; ",
                   KeyOf(before + 2, "weight"), " is expected, or ",
                   KeyOf(before + 3, "weight"), " after a pool"));
}

// "vgg19" where only VGG-19 begins with these blocks, else "vgg".
std::string GuessArchitecture(const std::vector<std::vector<int>>& blocks) {
  constexpr std::pair<absl::string_view, std::array<size_t, 5>> kKnown[] = {
      {"vgg11", {1, 1, 2, 2, 2}},
      {"vgg13", {2, 2, 2, 2, 2}},
      {"vgg16", {2, 2, 3, 3, 3}},
      {"vgg19", {2, 2, 4, 4, 4}}};
  std::vector<absl::string_view> fitting;
  for (const auto& [name, sizes] : kKnown) {
    bool fits = blocks.size() <= sizes.size();
    for (size_t b = 0; fits && b < blocks.size(); ++b) {
      const bool is_last = b + 1 == blocks.size();
      fits = blocks[b].size() == sizes[b] ||
             (is_last && blocks[b].size() < sizes[b]);
    }
    if (fits) fitting.push_back(name);
  }
  return fitting.size() == 1 ? std::string(fitting[0]) : "vgg";
}

// What the metadata says under `key`; these texts travel and are shown.
absl::StatusOr<std::optional<std::string>> Note(const NamedTensors& file,
                                                const std::string& key) {
  constexpr size_t kMost = 64;
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  if (text.empty() || text.size() > kMost ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    return absl::InvalidArgumentError(
        absl::StrCat("metadata '", key, "' is ", Quoted(text), "; 1 to ", kMost,
                     " printable ASCII characters are expected"));
  }
  return text;
}

absl::Status ReadNotes(const NamedTensors& file, NetworkDescription& network) {
  ASSIGN_OR_RETURN(const auto architecture, Note(file, "architecture"));
  ASSIGN_OR_RETURN(const auto preprocessing, Note(file, "preprocessing"));
  ASSIGN_OR_RETURN(const auto padding, Note(file, "padding"));
  ASSIGN_OR_RETURN(const auto pooling, Note(file, "pooling"));
  network.architecture =
      architecture.value_or(GuessArchitecture(network.blocks));
  network.preprocessing = preprocessing.value_or("");
  if (padding.has_value()) {
    auto parsed = ParsePadding(*padding);
    if (!parsed.ok()) return Annotate(parsed.status(), "metadata");
    network.padding = *parsed;
  }
  if (pooling.has_value()) {
    auto parsed = ParsePooling(*pooling);
    if (!parsed.ok()) return Annotate(parsed.status(), "metadata");
    network.pooling = *parsed;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VggLayout> FindVgg(const NamedTensors& file) {
  ASSIGN_OR_RETURN(const std::vector<int> indices, FindIndices(file));
  VggLayout layout;
  std::vector<std::vector<int>>& blocks = layout.network.blocks;
  int channels = 3;
  for (size_t i = 0; i < indices.size(); ++i) {
    bool opens_block = true;
    if (i > 0) {
      ASSIGN_OR_RETURN(opens_block, FollowsPool(indices[i - 1], indices[i]));
    }
    ASSIGN_OR_RETURN(ConvolutionTensors convolution,
                     ReadConvolution(file, indices[i], channels));
    channels = convolution.out_channels;
    if (opens_block) blocks.emplace_back();
    blocks.back().push_back(channels);
    layout.convolutions.push_back(std::move(convolution));
  }
  if (blocks.size() > kMaxBlocks) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", blocks.size(), " blocks; at most ", kMaxBlocks, " are read"));
  }
  RETURN_IF_ERROR(ReadNotes(file, layout.network));
  return layout;
}

}  // namespace atelier
