#include "worker/engine/reference_network.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "worker/engine/border_pad.h"
#include "worker/engine/gram.h"
#include "worker/engine/network_plan.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

struct Layer {
  at::Tensor kernel;
  at::Tensor bias;
  Padding padding = Padding::kZeros;
  bool relu_after = true;
  bool pool_after = false;
};

at::Tensor CopyToDevice(absl::Span<const float> values, at::IntArrayRef shape,
                        at::Device device) {
  const at::Tensor view =
      at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
  return view.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor ToArithmetic(const at::Tensor& tensor, Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::kFloat32) return tensor;
  return tensor.to(
      arithmetic == Arithmetic::kBfloat16 ? at::kBFloat16 : at::kFloat,
      /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::ChannelsLast);
}

// Lets cuDNN round to TF32 for as long as it is there. Torch has one setting
// for the process, which runtime.h turns off.
class Tf32Scope {
 public:
  explicit Tf32Scope(Arithmetic arithmetic)
      : allowed_(arithmetic == Arithmetic::kTf32) {
    if (allowed_) at::globalContext().setAllowTF32CuDNN(true);
  }
  ~Tf32Scope() {
    if (allowed_) at::globalContext().setAllowTF32CuDNN(false);
  }
  Tf32Scope(const Tf32Scope&) = delete;
  Tf32Scope& operator=(const Tf32Scope&) = delete;

 private:
  const bool allowed_;
};

// What callers see.
at::Tensor ToFloat32(const at::Tensor& tensor) {
  return tensor.to(at::kFloat).contiguous();
}

Layer ToLayer(const LayerPlan& plan, at::Device device, Arithmetic arithmetic) {
  const ConvolutionView& from = plan.weights;
  Layer layer;
  layer.kernel = ToArithmetic(
      CopyToDevice(from.kernel, {from.out_channels, from.in_channels, 3, 3},
                   device),
      arithmetic);
  layer.bias =
      CopyToDevice(from.bias, {from.out_channels}, device).to(layer.kernel);
  layer.padding = plan.padding;
  layer.relu_after = plan.relu_after;
  layer.pool_after = plan.pool_after;
  return layer;
}

class ReferenceNetwork : public Network {
 public:
  ReferenceNetwork(NetworkPlan plan, at::Device device, Arithmetic arithmetic)
      : plan_(std::move(plan)),
        segments_(Cut(plan_)),
        device_(device),
        arithmetic_(arithmetic) {
    for (LayerPlan& layer : plan_.layers) {
      layers_.push_back(ToLayer(layer, device, arithmetic));
      // The views end with the constructor.
      layer.weights.kernel = {};
      layer.weights.bias = {};
    }
  }

  const NetworkOptions& options() const override { return plan_.options; }
  at::Device device() const override { return device_; }
  Grid GramGrid(size_t i, Grid input) const override {
    return NetworkPlan::GridAt(plan_.grams[i], input);
  }

  absl::StatusOr<PassBytes> BytesFor(at::IntArrayRef shape) override {
    RETURN_IF_ERROR(plan_.CheckInput(shape));
    const int64_t narrower = arithmetic_ == Arithmetic::kBfloat16 ? 2 : 1;
    return PassBytes{plan_.WeightBytes() / narrower + ActivationBytes(shape),
                     plan_.TapBytes(shape)};
  }

  using Network::Forward;
  absl::StatusOr<Features> Forward(const at::Tensor& input,
                                   const Regions& regions) override {
    // The last pass's activations, before this one asks for as many.
    Forget();
    RETURN_IF_ERROR(plan_.CheckInput(input.sizes()));
    RETURN_IF_ERROR(plan_.CheckRegions(regions, input.sizes()));
    regions_ = regions.grams;
    regions_.resize(plan_.grams.size());
    return CallTorch("forward pass", [&]() -> absl::StatusOr<Features> {
      const Tf32Scope scope(arithmetic_);
      Features features;
      features.taps.resize(plan_.taps.size());
      features.grams.resize(plan_.grams.size());
      if (plan_.options.sums) features.sums.resize(plan_.grams.size());
      at::Tensor x = ToArithmetic(input.detach(), arithmetic_);
      for (const Segment& segment : segments_) {
        inputs_.push_back(x.requires_grad_(!plan_.options.recompute));
        const c10::AutoGradMode record(!plan_.options.recompute);
        x = RunLayers(segment, x).detach();
        Read(features);
        if (plan_.options.recompute) ForgetOutputs();
      }
      return features;
    });
  }

  absl::StatusOr<at::Tensor> Backward(const TapGradients& at) override {
    if (inputs_.empty()) {
      return absl::FailedPreconditionError(
          "backward pass: needs a forward pass before it");
    }
    return CallTorch("backward pass", [&]() -> absl::StatusOr<at::Tensor> {
      const Tf32Scope scope(arithmetic_);
      at::Tensor gradient;  // At the segment's end.
      for (size_t i = segments_.size(); i-- > 0;) {
        if (plan_.options.recompute) {
          const c10::AutoGradMode record(true);
          inputs_[i] = inputs_[i].detach().requires_grad_(true);
          output_ = RunLayers(segments_[i], inputs_[i]);
        }
        gradient = PullThrough(inputs_[i], gradient, at);
        ForgetOutputs();
      }
      if (!gradient.defined()) gradient = at::zeros_like(inputs_[0]);
      Forget();
      return ToFloat32(gradient);
    });
  }

 private:
  // Layers [first, end) that are recorded for Backward at once.
  struct Segment {
    size_t first = 0;
    size_t end = 0;
  };

  static std::vector<Segment> Cut(const NetworkPlan& plan) {
    std::vector<Segment> segments = {{0, plan.layers.size()}};
    if (!plan.options.recompute) return segments;
    for (size_t k = 0; k + 1 < plan.layers.size(); ++k) {
      if (!plan.layers[k].pool_after) continue;
      segments.back().end = k + 1;
      segments.push_back({k + 1, plan.layers.size()});
    }
    return segments;
  }

  void ForgetOutputs() {
    output_ = at::Tensor();
    outputs_.assign(plan_.taps.size(), at::Tensor());
    gram_outputs_.assign(plan_.grams.size(), at::Tensor());
  }

  void Forget() {
    inputs_.clear();
    ForgetOutputs();
  }

  // What the layers that ran last gave.
  void Read(Features& features) const {
    for (size_t i = 0; i < outputs_.size(); ++i) {
      if (outputs_[i].defined())
        features.taps[i] = ToFloat32(outputs_[i].detach());
    }
    for (size_t i = 0; i < gram_outputs_.size(); ++i) {
      if (!gram_outputs_[i].defined() || features.grams[i].defined()) continue;
      const at::Tensor outputs = ToFloat32(gram_outputs_[i].detach());
      features.grams[i] = GramSums(outputs, regions_[i]);
      if (plan_.options.sums) {
        features.sums[i] = FeatureSums(outputs, regions_[i]);
      }
    }
  }

  // From the gradient at the end of the layers that ran last, and those at the
  // taps among them, to the gradient at `input`. Undefined where all are.
  at::Tensor PullThrough(const at::Tensor& input, const at::Tensor& at_end,
                         const TapGradients& at) const {
    std::vector<at::Tensor> roots;
    std::vector<at::Tensor> gradients;
    const auto add = [&](const at::Tensor& root, const at::Tensor& gradient) {
      roots.push_back(root);
      gradients.push_back(ToArithmetic(gradient, arithmetic_));
    };
    if (at_end.defined()) add(output_, at_end);
    for (size_t i = 0; i < at.taps.size(); ++i) {
      if (at.taps[i].defined() && outputs_[i].defined()) {
        add(outputs_[i], at.taps[i]);
      }
    }
    for (size_t i = 0; i < at.grams.size(); ++i) {
      if (!at.grams[i].defined() || !gram_outputs_[i].defined()) continue;
      add(gram_outputs_[i],
          GramSumsGradient(ToFloat32(gram_outputs_[i].detach()), regions_[i],
                           at.grams[i]));
    }
    for (size_t i = 0; i < at.sums.size(); ++i) {
      if (!at.sums[i].defined() || !gram_outputs_[i].defined()) continue;
      add(gram_outputs_[i], FeatureSumsGradient(gram_outputs_[i].detach(),
                                                regions_[i], at.sums[i]));
    }
    if (roots.empty()) return {};
    return torch::autograd::grad(roots, {input}, gradients)[0];
  }

  at::Tensor RunLayers(const Segment& segment, at::Tensor x) {
    for (size_t k = segment.first; k < segment.end; ++k) {
      x = Convolve(x, layers_[k]);
      const bool tapped = Keep(TapKind::kConvolution, k, x);
      if (!layers_[k].relu_after) continue;
      // Nothing else looks at a convolution's output: its memory can be used.
      x = tapped ? at::relu(x) : at::relu_(x);
      Keep(TapKind::kRelu, k, x);
      if (!layers_[k].pool_after) continue;
      x = Pool(x);
      Keep(TapKind::kPool, k, x);
    }
    return x;
  }

  static at::Tensor Convolve(const at::Tensor& x, const Layer& layer) {
    if (layer.padding != Padding::kZeros) {
      return at::conv2d(PadBorder(x, layer.padding), layer.kernel, layer.bias);
    }
    return at::conv2d(x, layer.kernel, layer.bias, /*stride=*/1, /*padding=*/1);
  }

  at::Tensor Pool(const at::Tensor& x) const {
    const double scale = plan_.options.pooling_scale;
    at::Tensor pooled;
    switch (plan_.options.pooling) {
      case Pooling::kMax:
        pooled = at::max_pool2d(x, {2, 2});
        break;
      case Pooling::kAverage:
        pooled = at::avg_pool2d(x, {2, 2});
        break;
      case Pooling::kL2: {
        const at::Tensor sum = at::avg_pool2d(x.square(), {2, 2}) * 4;
        // The root has no slope at 0: there the gradient is 0.
        const at::Tensor is_zero = sum == 0;
        pooled = sum.masked_fill(is_zero, 1).sqrt().masked_fill(is_zero, 0);
        break;
      }
    }
    return scale == 1 ? pooled : pooled * scale;
  }

  // What autograd records of one segment, the largest gradients on its way
  // back, and what every other segment leaves.
  int64_t ActivationBytes(at::IntArrayRef shape) const {
    const bool narrow = arithmetic_ == Arithmetic::kBfloat16;
    const int64_t value_bytes = narrow ? 2 : 4;
    int64_t all_inputs = 0;
    int64_t largest_segment = 0;
    Grid grid{shape[2], shape[3]};
    for (const Segment& segment : segments_) {
      int64_t recorded = 0;
      int64_t largest = 0;
      for (size_t k = segment.first; k < segment.end; ++k) {
        const ConvolutionView& weights = plan_.layers[k].weights;
        const int64_t pixels =
            shape[0] * grid.height * grid.width * value_bytes;
        const int64_t output = pixels * weights.out_channels;
        if (k == segment.first) all_inputs += pixels * weights.in_channels;
        recorded += output;
        if (plan_.layers[k].padding != Padding::kZeros) {
          recorded += pixels * weights.in_channels;
        }
        // A square and its gradient are of two images of their own.
        const bool squares =
            plan_.layers[k].pool_after && plan_.options.pooling == Pooling::kL2;
        largest = std::max(largest, squares ? 2 * output : output);
        if (!plan_.layers[k].pool_after) continue;
        recorded += output / 4;
        if (plan_.options.pooling == Pooling::kMax) {
          recorded += output / value_bytes / 4 * 8;  // Its place is an int64.
        }
        // The squares; their means' roots, and where those are 0.
        if (squares) recorded += output + output / 4 + output / 8;
        if (plan_.options.pooling_scale != 1) recorded += output / 4;
        grid = {grid.height / 2, grid.width / 2};
      }
      largest_segment = std::max(largest_segment, recorded + 2 * largest);
    }
    // The gradients at all Grams' features; and where those are of bfloat16,
    // one's features and gradient at a time in float32 as well.
    int64_t at_grams = NetworkPlan::FeatureBytes(plan_.grams, shape);
    if (narrow) {
      at_grams /= 2;
      int64_t one = 0;
      for (const Tap& tap : plan_.grams) {
        one = std::max(one, NetworkPlan::FeatureBytes({tap}, shape));
      }
      at_grams += 2 * one;
    }
    return all_inputs + largest_segment + at_grams;
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
  const std::vector<Segment> segments_;
  std::vector<Layer> layers_;
  const at::Device device_;
  const Arithmetic arithmetic_;
  std::vector<at::Tensor> inputs_;  // Of segments, from Forward to Backward.
  // Of the layers that ran last, with their history: their end, and what is
  // read at plan_.taps and plan_.grams.
  at::Tensor output_;
  std::vector<at::Tensor> outputs_;
  std::vector<at::Tensor> gram_outputs_;
  std::vector<at::Tensor> regions_;  // At plan_.grams.
};

}  // namespace

absl::StatusOr<std::unique_ptr<Network>> MakeReferenceNetwork(
    const NetworkWeights& weights, const NetworkOptions& options,
    at::Device device, Arithmetic arithmetic) {
  ASSIGN_OR_RETURN(NetworkPlan plan, PlanNetwork(weights, options));
  return CallTorch("copying weights to the device",
                   [&]() -> absl::StatusOr<std::unique_ptr<Network>> {
                     return std::make_unique<ReferenceNetwork>(
                         std::move(plan), device, arithmetic);
                   });
}

}  // namespace atelier::engine
