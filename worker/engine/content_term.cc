#include "worker/engine/content_term.h"

#include <ATen/ATen.h>

#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier::engine {
namespace {

// Of every feature at its loss, besides the target: the difference, its square.
constexpr int64_t kFeatureCopies = 2;

class Content : public Term {
 public:
  Content(const RenderParams& params, const NetworkOptions& options)
      : convention_(Spec(params.convention)),
        layers_(FindLayers(params.content_layers, options.taps)) {}

  absl::Status SetTargets(const TargetSource& from) override {
    if (layers_.empty()) return absl::OkStatus();
    const auto targets = from.kept.GetOrMake(
        TargetKey("features", convention_.name, layers_, from.kept.content),
        [this, &from] { return FeaturesOf(from); });
    if (!targets.ok()) return Annotate(targets.status(), "content");
    for (size_t i = 0; i < layers_.size(); ++i) {
      layers_[i].targets = {(*targets)[i]};
    }
    return absl::OkStatus();
  }

  at::Tensor EvaluateFeatures(const Pass& pass, const ImageFactor& weight,
                              TapGradients& gradients) override {
    at::Tensor sum = at::zeros({pass.input.size(0)}, pass.input.options());
    for (const TermLayer& layer : layers_) {
      AddLayer(ContentLoss(pass.features.taps[layer.tap], layer.targets[0],
                           !weight.IsZero() && layer.weight != 0),
               layer.weight, weight, sum, gradients.taps[layer.tap]);
    }
    return sum;
  }

 private:
  // By layer.
  absl::StatusOr<std::vector<at::Tensor>> FeaturesOf(
      const TargetSource& from) const {
    ASSIGN_OR_RETURN(
        const Features features,
        from.network.Forward(from.preprocessor.Forward(from.content)));
    std::vector<at::Tensor> targets;
    for (const TermLayer& layer : layers_) {
      targets.push_back(features.taps[layer.tap].clone());
    }
    return targets;
  }

  const ConventionSpec& convention_;
  std::vector<TermLayer> layers_;
};

}  // namespace

const TermKind kContentTerm = {
    "content",
    "content loss",
    [](const RenderParams& params) { return params.content_weight; },
    [](const RenderParams& params, NetworkOptions& options) {
      AddNames(params.content_layers, options.taps);
    },
    [](const RenderParams& params, const TermShape& shape) {
      const int64_t features =
          FeatureBytes(params.content_layers, shape.options, shape.pass);
      return TermBytes{features, kFeatureCopies * features};
    },
    [](const RenderParams& params,
       const NetworkOptions& options) -> std::unique_ptr<Term> {
      return std::make_unique<Content>(params, options);
    }};

LossAndGradient ContentLoss(const at::Tensor& features,
                            const at::Tensor& target, bool with_gradient) {
  at::Tensor difference = features - target;
  LossAndGradient loss;
  loss.value = difference.square().mean({1, 2, 3});
  if (with_gradient) {
    const int64_t elements = features[0].numel();
    loss.gradient = difference.mul_(2.0 / static_cast<double>(elements));
  }
  return loss;
}

}  // namespace atelier::engine
