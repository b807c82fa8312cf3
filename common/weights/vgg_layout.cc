#include "common/weights/vgg_layout.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::StatusOr<const TensorView*> Find(const NamedTensors& file,
                                       const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    return TensorError(name,
                       "is missing: every convolution needs a weight and a "
                       "bias, or a whole batch normalisation");
  }
  const std::string& dtype = found->second.dtype;
  if (dtype != "F32" && dtype != "F16" && dtype != "BF16") {
    return TensorError(name, "is of type ", Quoted(dtype),
                       "; F32, F16 and BF16 are read");
  }
  return &found->second;
}

// A tensor with one value for each channel.
absl::Status CheckChannels(const NamedTensors& file, const std::string& name,
                           int channels) {
  ASSIGN_OR_RETURN(const TensorView* const tensor, Find(file, name));
  if (tensor->shape == std::vector<int64_t>{channels}) return absl::OkStatus();
  return TensorError(name, "has shape ", ShapeText(tensor->shape), "; [",
                     channels, "] is expected");
}

absl::StatusOr<ConvolutionTensors> ReadConvolution(const NamedTensors& file,
                                                   ConvolutionKeys keys,
                                                   int in_channels) {
  ASSIGN_OR_RETURN(const TensorView* const kernel, Find(file, keys.kernel));
  const std::vector<int64_t>& shape = kernel->shape;
  if (shape.size() != 4 || shape[0] < 1 || shape[0] > kMaxChannels ||
      shape[1] != in_channels || shape[2] != 3 || shape[3] != 3) {
    return TensorError(keys.kernel, "has shape ", ShapeText(shape), "; [out, ",
                       in_channels, ", 3, 3] is expected, with out from 1 to ",
                       kMaxChannels);
  }
  ConvolutionTensors result;
  result.in_channels = in_channels;
  result.out_channels = static_cast<int>(shape[0]);
  result.has_bias = !keys.norm.has_value() || file.tensors.count(keys.bias) > 0;
  result.keys = std::move(keys);
  for (const std::string& name : TensorNames(result)) {
    if (name == result.keys.kernel) continue;
    RETURN_IF_ERROR(CheckChannels(file, name, result.out_channels));
  }
  return result;
}

// What the file has besides the tensors that are used.
std::vector<std::string> FindIgnored(const NamedTensors& file,
                                     const std::set<std::string>& used) {
  std::vector<std::string> ignored;
  for (const auto& [name, tensor] : file.tensors) {
    if (used.count(name) == 0) ignored.push_back(name);
  }
  return ignored;
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
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  if (text.empty() || text.size() > kMaxNoteBytes ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isprint)) {
    return InvalidArgument("metadata '", key, "' is ", Quoted(text), "; 1 to ",
                           kMaxNoteBytes,
                           " printable ASCII characters are expected");
  }
  return text;
}

absl::Status ReadNotes(const NamedTensors& file, VggLayout& layout) {
  NetworkDescription& network = layout.network;
  ASSIGN_OR_RETURN(const auto architecture, Note(file, "architecture"));
  ASSIGN_OR_RETURN(const auto preprocessing, Note(file, "preprocessing"));
  ASSIGN_OR_RETURN(const auto padding, Note(file, "padding"));
  ASSIGN_OR_RETURN(const auto pooling, Note(file, "pooling"));
  network.architecture = architecture.value_or(absl::StrCat(
      GuessArchitecture(network.blocks), layout.batch_norm ? "_bn" : ""));
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

std::vector<std::string> TensorNames(const ConvolutionTensors& convolution) {
  std::vector<std::string> names = {convolution.keys.kernel};
  if (convolution.has_bias) names.push_back(convolution.keys.bias);
  if (const auto& norm = convolution.keys.norm; norm.has_value()) {
    names.insert(names.end(), {norm->weight, norm->bias, norm->running_mean,
                               norm->running_var});
  }
  return names;
}

absl::StatusOr<VggLayout> FindVgg(const NamedTensors& file) {
  ASSIGN_OR_RETURN(VggKeys keys, FindVggKeys(file));
  if (keys.convolutions.size() > kMaxConvolutions) {
    return InvalidArgument("has ", keys.convolutions.size(),
                           " convolutions; at most ", kMaxConvolutions,
                           " are read");
  }
  VggLayout layout;
  layout.naming = keys.naming;
  layout.prefix = std::move(keys.prefix);
  layout.batch_norm = keys.convolutions[0].norm.has_value();
  std::vector<std::vector<int>>& blocks = layout.network.blocks;
  std::set<std::string> used;
  int channels = kImageChannels;
  for (ConvolutionKeys& at : keys.convolutions) {
    if (at.opens_block) blocks.emplace_back();
    ASSIGN_OR_RETURN(ConvolutionTensors convolution,
                     ReadConvolution(file, std::move(at), channels));
    channels = convolution.out_channels;
    blocks.back().push_back(channels);
    for (std::string& name : TensorNames(convolution)) {
      used.insert(std::move(name));
    }
    layout.convolutions.push_back(std::move(convolution));
  }
  if (blocks.size() > kMaxBlocks) {
    return InvalidArgument("has ", blocks.size(), " blocks; at most ",
                           kMaxBlocks, " are read");
  }
  for (const std::string& name : used) {
    layout.dtypes.insert(file.tensors.at(name).dtype);
  }
  layout.ignored = FindIgnored(file, used);
  RETURN_IF_ERROR(ReadNotes(file, layout));
  return layout;
}

}  // namespace atelier
