#include "worker/engine/network_plan.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier::engine {
namespace {

bool Deeper(const Tap& a, const Tap& b) {
  return std::make_pair(a.convolution, a.kind) >
         std::make_pair(b.convolution, b.kind);
}

absl::StatusOr<std::vector<Tap>> FindTaps(
    const NetworkDescription& network, const std::vector<std::string>& names) {
  std::vector<Tap> taps;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const Tap tap, FindTap(network, name));
    taps.push_back(tap);
  }
  return taps;
}

absl::Status CheckWeights(const NetworkWeights& weights) {
  size_t k = 0;
  int in_channels = 3;
  for (const std::vector<int>& block : weights.description.blocks) {
    for (const int out_channels : block) {
      if (k == weights.convolutions.size()) break;
      const ConvolutionView& given = weights.convolutions[k++];
      const size_t kernel_size = size_t{9} * in_channels * out_channels;
      if (given.in_channels != in_channels ||
          given.out_channels != out_channels ||
          given.kernel.size() != kernel_size ||
          given.bias.size() != static_cast<size_t>(out_channels)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "network ", weights.description.name, ": convolution ", k,
            " is described as [", out_channels, ", ", in_channels,
            ", 3, 3] and given as [", given.out_channels, ", ",
            given.in_channels, "] with ", given.kernel.size(), " weights and ",
            given.bias.size(), " biases"));
      }
      in_channels = out_channels;
    }
  }
  size_t described = 0;
  for (const auto& block : weights.description.blocks)
    described += block.size();
  if (described != weights.convolutions.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("network ", weights.description.name, ": ", described,
                     " convolutions are described and ",
                     weights.convolutions.size(), " given"));
  }
  return absl::OkStatus();
}

// The layers up to and including `deepest`.
std::vector<LayerPlan> PlanLayers(const NetworkWeights& weights,
                                  const NetworkOptions& options,
                                  const Tap& deepest) {
  std::vector<LayerPlan> layers;
  for (const std::vector<int>& block : weights.description.blocks) {
    for (size_t i = 0; i < block.size(); ++i) {
      const int k = layers.size();
      if (k > deepest.convolution) return layers;
      const bool last = k == deepest.convolution;
      layers.push_back(
          {weights.convolutions[k],
           k == 0 ? options.first_padding.value_or(options.padding)
                  : options.padding,
           !last || deepest.kind != TapKind::kConvolution,
           i + 1 == block.size() && (!last || deepest.kind == TapKind::kPool)});
    }
  }
  return layers;
}

}  // namespace

int64_t NetworkPlan::SmallestSide() const {
  int pools = 0;
  bool reflects = false;
  for (const LayerPlan& layer : layers) {
    pools += layer.pool_after;
    reflects |= layer.padding == Padding::kReflect;
  }
  return int64_t{1} << (pools + (reflects ? 1 : 0));
}

absl::Status NetworkPlan::CheckInput(at::IntArrayRef shape) const {
  const int64_t smallest_side = SmallestSide();
  if (shape.size() == 4 && shape[1] == 3 && shape[2] >= smallest_side &&
      shape[3] >= smallest_side) {
    return absl::OkStatus();
  }
  std::vector<std::string> layers_read = options.taps;
  layers_read.insert(layers_read.end(), options.grams.begin(),
                     options.grams.end());
  return absl::InvalidArgumentError(absl::StrCat(
      "image of shape [", absl::StrJoin(shape, ", "), "] is too small: layers ",
      absl::StrJoin(layers_read, ", "), " under ", Name(options.padding),
      " padding need at least [1, 3, ", smallest_side, ", ", smallest_side,
      "]"));
}

Grid NetworkPlan::GridAt(const Tap& tap, Grid input) {
  const int pools = tap.block + (tap.kind == TapKind::kPool ? 1 : 0);
  return {input.height >> pools, input.width >> pools};
}

int64_t NetworkPlan::FeatureBytes(const std::vector<Tap>& taps,
                                  at::IntArrayRef shape) {
  int64_t floats = 0;
  for (const Tap& tap : taps) {
    const Grid grid = GridAt(tap, {shape[2], shape[3]});
    floats += shape[0] * tap.channels * grid.height * grid.width;
  }
  return floats * static_cast<int64_t>(sizeof(float));
}

std::vector<int64_t> NetworkPlan::TapBytes(at::IntArrayRef shape) const {
  std::vector<int64_t> bytes;
  for (const Tap& tap : taps) bytes.push_back(FeatureBytes({tap}, shape));
  return bytes;
}

int64_t NetworkPlan::WeightBytes() const {
  int64_t floats = 0;
  for (const LayerPlan& layer : layers) {
    floats += int64_t{layer.weights.out_channels} *
              (9 * layer.weights.in_channels + 1);
  }
  return floats * static_cast<int64_t>(sizeof(float));
}

absl::Status NetworkPlan::CheckRegions(const Regions& regions,
                                       at::IntArrayRef shape) const {
  for (size_t i = 0; i < regions.grams.size(); ++i) {
    const at::Tensor& region = regions.grams[i];
    if (!region.defined()) continue;
    const std::string name = i < grams.size() ? options.grams[i] : "no layer";
    const Grid grid =
        i < grams.size() ? GridAt(grams[i], {shape[2], shape[3]}) : Grid();
    if (region.dim() != 3 || region.size(1) != grid.height ||
        region.size(2) != grid.width) {
      return absl::InvalidArgumentError(absl::StrCat(
          "region of shape [", absl::StrJoin(region.sizes(), ", "), "] at ",
          name, ", which has [r, ", grid.height, ", ", grid.width, "]"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<NetworkPlan> PlanNetwork(const NetworkWeights& weights,
                                        const NetworkOptions& options) {
  RETURN_IF_ERROR(CheckWeights(weights));
  NetworkPlan plan;
  plan.options = options;
  Tap deepest{TapKind::kConvolution, -1, 0, 0};
  ASSIGN_OR_RETURN(plan.taps, FindTaps(weights.description, options.taps));
  ASSIGN_OR_RETURN(plan.grams, FindTaps(weights.description, options.grams));
  for (const auto* taps : {&plan.taps, &plan.grams}) {
    for (const Tap& tap : *taps) {
      if (Deeper(tap, deepest)) deepest = tap;
    }
  }
  plan.layers = PlanLayers(weights, options, deepest);
  return plan;
}

}  // namespace atelier::engine
