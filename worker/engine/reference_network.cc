#include "worker/engine/reference_network.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "worker/engine/gram.h"
#include "worker/engine/network_plan.h"
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

at::Tensor CopyToDevice(absl::Span<const float> values, at::IntArrayRef shape,
                        at::Device device) {
  const at::Tensor view =
      at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
  return view.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

Layer ToLayer(const LayerPlan& plan, at::Device device) {
  const ConvolutionView& from = plan.weights;
  return {CopyToDevice(from.kernel, {from.out_channels, from.in_channels, 3, 3},
                       device),
          CopyToDevice(from.bias, {from.out_channels}, device), plan.relu_after,
          plan.pool_after};
}

class ReferenceNetwork : public Network {
 public:
  ReferenceNetwork(NetworkPlan plan, at::Device device)
      : plan_(std::move(plan)), device_(device) {
    for (LayerPlan& layer : plan_.layers) {
      layers_.push_back(ToLayer(layer, device));
      layer.weights = {};  // The views end with the constructor.
    }
  }

  const NetworkOptions& options() const override { return plan_.options; }
  at::Device device() const override { return device_; }
  Grid GramGrid(size_t i, Grid input) const override {
    return NetworkPlan::GridAt(plan_.grams[i], input);
  }

  using Network::Forward;
  absl::StatusOr<Features> Forward(const at::Tensor& input,
                                   const Regions& regions) override {
    // The last pass's activations, before this one asks for as many.
    input_ = at::Tensor();
    outputs_.assign(plan_.taps.size(), at::Tensor());
    gram_outputs_.assign(plan_.grams.size(), at::Tensor());
    RETURN_IF_ERROR(plan_.CheckInput(input.sizes()));
    RETURN_IF_ERROR(plan_.CheckRegions(regions, input.sizes()));
    regions_ = regions.grams;
    regions_.resize(plan_.grams.size());
    return CallTorch("forward pass", [&]() -> absl::StatusOr<Features> {
      const at::AutoGradMode record(true);
      input_ = input.detach().requires_grad_(true);
      RunLayers(input_);
      Features features;
      for (const at::Tensor& output : outputs_) {
        features.taps.push_back(output.detach());
      }
      for (size_t i = 0; i < gram_outputs_.size(); ++i) {
        features.grams.push_back(
            GramSums(gram_outputs_[i].detach(), regions_[i]));
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
      for (size_t i = 0; i < at.grams.size(); ++i) {
        if (!at.grams[i].defined()) continue;
        roots.push_back(gram_outputs_[i]);
        gradients.push_back(GramSumsGradient(gram_outputs_[i].detach(),
                                             regions_[i], at.grams[i]));
      }
      const at::Tensor input = std::exchange(input_, at::Tensor());
      if (roots.empty()) return at::zeros_like(input);
      at::Tensor gradient = torch::autograd::grad(roots, {input}, gradients)[0];
      outputs_.clear();
      gram_outputs_.clear();
      return gradient;
    });
  }

 private:
  void RunLayers(at::Tensor x) {
    for (size_t k = 0; k < layers_.size(); ++k) {
      x = Convolve(x, layers_[k]);
      const bool tapped = Keep(TapKind::kConvolution, k, x);
      if (!layers_[k].relu_after) continue;
      // Nothing else looks at a convolution's output: its memory can be used.
      x = tapped ? at::relu(x) : at::relu_(x);
      Keep(TapKind::kRelu, k, x);
      if (!layers_[k].pool_after) continue;
      x = plan_.options.pooling == Pooling::kMax ? at::max_pool2d(x, {2, 2})
                                                 : at::avg_pool2d(x, {2, 2});
      Keep(TapKind::kPool, k, x);
    }
  }

  at::Tensor Convolve(const at::Tensor& x, const Layer& layer) const {
    if (plan_.options.padding == Padding::kReflect) {
      return at::conv2d(ReflectionPad(x), layer.kernel, layer.bias);
    }
    return at::conv2d(x, layer.kernel, layer.bias, /*stride=*/1, /*padding=*/1);
  }

  // Stores `x` where it is read at this place; whether it is.
  bool Keep(TapKind kind, int convolution, const at::Tensor& x) {
    const auto keep = [&](const std::vector<Tap>& taps,
                          std::vector<at::Tensor>& outputs) {
      bool kept = false;
      for (size_t i = 0; i < taps.size(); ++i) {
        if (taps[i].kind != kind || taps[i].convolution != convolution)
          continue;
        outputs[i] = x;
        kept = true;
      }
      return kept;
    };
    const bool feature = keep(plan_.taps, outputs_);
    const bool gram = keep(plan_.grams, gram_outputs_);
    return feature || gram;
  }

  NetworkPlan plan_;
  std::vector<Layer> layers_;
  const at::Device device_;
  at::Tensor input_;  // Of the last Forward, until Backward.
  // At plan_.taps and plan_.grams, with their history.
  std::vector<at::Tensor> outputs_;
  std::vector<at::Tensor> gram_outputs_;
  std::vector<at::Tensor> regions_;  // At plan_.grams.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Network>> MakeReferenceNetwork(
    const NetworkWeights& weights, const NetworkOptions& options,
    at::Device device) {
  ASSIGN_OR_RETURN(NetworkPlan plan, PlanNetwork(weights, options));
  return CallTorch("copying weights to the device",
                   [&]() -> absl::StatusOr<std::unique_ptr<Network>> {
                     return std::make_unique<ReferenceNetwork>(std::move(plan),
                                                               device);
                   });
}

}  // namespace atelier::engine
