#include "worker/engine/reference_network.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/reflection_pad.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

struct Layer {
  at::Tensor kernel;
  at::Tensor bias;
  bool relu_after = true;
  bool pool_after = false;
};

bool Deeper(const Tap& a, const Tap& b) {
  return std::make_pair(a.convolution, a.kind) >
         std::make_pair(b.convolution, b.kind);
}

class ReferenceNetwork : public Network {
 public:
  ReferenceNetwork(NetworkOptions options, std::vector<Tap> taps,
                   std::vector<Layer> layers, at::Device device)
      : options_(std::move(options)),
        taps_(std::move(taps)),
        layers_(std::move(layers)),
        device_(device),
        smallest_side_(SmallestSide()) {}

  const std::vector<std::string>& tap_names() const override {
    return options_.taps;
  }
  at::Device device() const override { return device_; }

  absl::StatusOr<Features> Forward(const at::Tensor& input) override {
    // The last pass's activations, before this one asks for as many.
    input_ = at::Tensor();
    outputs_.assign(taps_.size(), at::Tensor());
    RETURN_IF_ERROR(CheckShape(input));
    return CallTorch("forward pass", [&]() -> absl::StatusOr<Features> {
      const at::AutoGradMode record(true);
      input_ = input.detach().requires_grad_(true);
      RunLayers(input_);
      Features features;
      for (const at::Tensor& output : outputs_) {
        features.taps.push_back(output.detach());
      }
      return features;
    });
  }

  absl::StatusOr<at::Tensor> Backward(const TapGradients& at) override {
    if (!input_.defined()) {
      return absl::FailedPreconditionError(
          "backward pass: needs a forward pass before it");
    }
    return CallTorch("backward pass", [&]() -> absl::StatusOr<at::Tensor> {
      std::vector<at::Tensor> roots;
      std::vector<at::Tensor> gradients;
      for (size_t i = 0; i < at.taps.size(); ++i) {
        if (!at.taps[i].defined()) continue;
        roots.push_back(outputs_[i]);
        gradients.push_back(at.taps[i]);
      }
      const at::Tensor input = std::exchange(input_, at::Tensor());
      if (roots.empty()) return at::zeros_like(input);
      at::Tensor gradient = torch::autograd::grad(roots, {input}, gradients)[0];
      outputs_.clear();
      return gradient;
    });
  }

 private:
  int64_t SmallestSide() const {
    int pools = options_.padding == Padding::kReflect ? 1 : 0;
    for (const Layer& layer : layers_) pools += layer.pool_after;
    return int64_t{1} << pools;
  }

  absl::Status CheckShape(const at::Tensor& input) const {
    if (input.dim() == 4 && input.size(1) == 3 &&
        input.size(2) >= smallest_side_ && input.size(3) >= smallest_side_) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "image of shape [", absl::StrJoin(input.sizes(), ", "),
        "] is too small: layers ", absl::StrJoin(options_.taps, ", "),
        " under ", Name(options_.padding), " padding need at least [1, 3, ",
        smallest_side_, ", ", smallest_side_, "]"));
  }

  void RunLayers(at::Tensor x) {
    for (size_t k = 0; k < layers_.size(); ++k) {
      x = Convolve(x, layers_[k]);
      const bool tapped = Keep(TapKind::kConvolution, k, x);
      if (!layers_[k].relu_after) continue;
      // Nothing else looks at a convolution's output: its memory can be used.
      x = tapped ? at::relu(x) : at::relu_(x);
      Keep(TapKind::kRelu, k, x);
      if (!layers_[k].pool_after) continue;
      x = options_.pooling == Pooling::kMax ? at::max_pool2d(x, {2, 2})
                                            : at::avg_pool2d(x, {2, 2});
      Keep(TapKind::kPool, k, x);
    }
  }

  at::Tensor Convolve(const at::Tensor& x, const Layer& layer) const {
    if (options_.padding == Padding::kReflect) {
      return at::conv2d(ReflectionPad(x), layer.kernel, layer.bias);
    }
    return at::conv2d(x, layer.kernel, layer.bias, /*stride=*/1, /*padding=*/1);
  }

  // Stores `x` at the taps of this place; whether there are any.
  bool Keep(TapKind kind, int convolution, const at::Tensor& x) {
    bool kept = false;
    for (size_t i = 0; i < taps_.size(); ++i) {
      if (taps_[i].kind != kind || taps_[i].convolution != convolution) {
        continue;
      }
      outputs_[i] = x;
      kept = true;
    }
    return kept;
  }

  const NetworkOptions options_;
  const std::vector<Tap> taps_;
  const std::vector<Layer> layers_;
  const at::Device device_;
  const int64_t smallest_side_;
  at::Tensor input_;                 // Of the last Forward, until Backward.
  std::vector<at::Tensor> outputs_;  // At the taps, with their history.
};

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

at::Tensor CopyToDevice(absl::Span<const float> values, at::IntArrayRef shape,
                        at::Device device) {
  const at::Tensor view =
      at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
  return view.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

// The layers up to and including `deepest`.
std::vector<Layer> MakeLayers(const NetworkWeights& weights, const Tap& deepest,
                              at::Device device) {
  std::vector<Layer> layers;
  for (const std::vector<int>& block : weights.description.blocks) {
    for (size_t i = 0; i < block.size(); ++i) {
      const int k = layers.size();
      if (k > deepest.convolution) return layers;
      const ConvolutionView& from = weights.convolutions[k];
      const bool last = k == deepest.convolution;
      layers.push_back(
          {CopyToDevice(from.kernel,
                        {from.out_channels, from.in_channels, 3, 3}, device),
           CopyToDevice(from.bias, {from.out_channels}, device),
           !last || deepest.kind != TapKind::kConvolution,
           i + 1 == block.size() && (!last || deepest.kind == TapKind::kPool)});
    }
  }
  return layers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Network>> MakeReferenceNetwork(
    const NetworkWeights& weights, const NetworkOptions& options,
    at::Device device) {
  RETURN_IF_ERROR(CheckWeights(weights));
  std::vector<Tap> taps;
  Tap deepest{TapKind::kConvolution, -1, 0, 0};
  for (const std::string& name : options.taps) {
    ASSIGN_OR_RETURN(const Tap tap, FindTap(weights.description, name));
    taps.push_back(tap);
    if (Deeper(tap, deepest)) deepest = tap;
  }
  return CallTorch("copying weights to the device",
                   [&]() -> absl::StatusOr<std::unique_ptr<Network>> {
                     return std::make_unique<ReferenceNetwork>(
                         options, std::move(taps),
                         MakeLayers(weights, deepest, device), device);
                   });
}

}  // namespace atelier::engine
