#include "common/render/network.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

int Convolutions(const NetworkDescription& network) {
  int count = 0;
  for (const auto& block : network.blocks) count += block.size();
  return count;
}

// A positive number without sign or leading zero: a tap has one spelling.
std::optional<int> ParseOrdinal(absl::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 4 || text[0] == '0' ||
      !std::all_of(text.begin(), text.end(),
                   [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<Tap> TapAt(const NetworkDescription& network, TapKind kind,
                         int block, int index) {
  if (block >= static_cast<int>(network.blocks.size())) return std::nullopt;
  const std::vector<int>& channels = network.blocks[block];
  if (index >= static_cast<int>(channels.size())) return std::nullopt;
  int before = 0;
  for (int b = 0; b < block; ++b) before += network.blocks[b].size();
  return Tap{kind, before + index, block, channels[index]};
}

// "4_2", or counted from the first convolution: "_10".
std::optional<Tap> FindConvolution(const NetworkDescription& network,
                                   TapKind kind, absl::string_view where) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(where, absl::MaxSplits('_', 1));
  const std::optional<int> index = ParseOrdinal(parts.second);
  if (!index.has_value()) return std::nullopt;
  if (!parts.first.empty()) {
    const std::optional<int> block = ParseOrdinal(parts.first);
    if (!block.has_value()) return std::nullopt;
    return TapAt(network, kind, *block - 1, *index - 1);
  }
  if (kind != TapKind::kConvolution) return std::nullopt;
  int left = *index - 1;
  for (size_t b = 0; b < network.blocks.size(); ++b) {
    const int size = network.blocks[b].size();
    if (left < size) return TapAt(network, kind, b, left);
    left -= size;
  }
  return std::nullopt;
}

std::optional<Tap> FindPool(const NetworkDescription& network,
                            absl::string_view where) {
  const std::optional<int> number = ParseOrdinal(where);
  // A file cut inside a block has no pool after it, and no file says whether
  // its last block is whole: only a following block proves that a pool exists.
  if (!number.has_value() ||
      *number >= static_cast<int>(network.blocks.size())) {
    return std::nullopt;
  }
  const int last = network.blocks[*number - 1].size() - 1;
  return TapAt(network, TapKind::kPool, *number - 1, last);
}

}  // namespace

absl::StatusOr<Tap> FindTap(const NetworkDescription& network,
                            absl::string_view name) {
  absl::string_view where = name;
  std::optional<Tap> tap;
  if (absl::ConsumePrefix(&where, "conv")) {
    tap = FindConvolution(network, TapKind::kConvolution, where);
  } else if (absl::ConsumePrefix(&where, "relu")) {
    tap = FindConvolution(network, TapKind::kRelu, where);
  } else if (absl::ConsumePrefix(&where, "pool")) {
    tap = FindPool(network, where);
  }
  if (tap.has_value()) return *tap;
  return absl::InvalidArgumentError(absl::StrCat(
      "layer ", Quoted(name), " is unknown; ",
      ClippedText(network.name, kMaxQuotedBytes), " has ", TapRange(network)));
}

std::string TapRange(const NetworkDescription& network) {
  const int count = Convolutions(network);
  const int blocks = network.blocks.size();
  if (count == 0) return "no layers";
  const std::string last =
      absl::StrCat(blocks, "_", network.blocks.back().size());
  std::string range = absl::StrCat("conv1_1 to conv", last, " (also conv_1 to ",
                                   "conv_", count, "), relu1_1 to relu", last);
  if (blocks == 2) absl::StrAppend(&range, " and pool1");
  if (blocks > 2) absl::StrAppend(&range, " and pool1 to pool", blocks - 1);
  return range;
}

absl::StatusOr<int> SmallestSide(const NetworkDescription& network,
                                 const RenderParams& params) {
  int pools = 0;
  for (const auto* layers : {&params.content_layers, &params.style_layers}) {
    for (const LayerWeight& layer : *layers) {
      ASSIGN_OR_RETURN(const Tap tap, FindTap(network, layer.tap));
      pools = std::max(pools, tap.block + (tap.kind == TapKind::kPool ? 1 : 0));
    }
  }
  const int padded = network.padding == Padding::kReflect ? 1 : 0;
  return 1 << (pools + padded + params.scales - 1);
}

}  // namespace atelier
