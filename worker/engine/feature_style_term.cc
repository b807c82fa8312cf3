#include "worker/engine/feature_style_term.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/noise.h"
#include "worker/engine/style_term.h"

namespace atelier::engine {
namespace {

class FeatureStyleTerm : public Term {
 public:
  FeatureStyleTerm(std::unique_ptr<FeatureLoss> loss,
                   const RenderParams& params, const NetworkOptions& options)
      : loss_(std::move(loss)),
        kind_(params.style_loss),
        seed_(params.seed),
        convention_(Spec(params.convention)),
        layers_(FindLayers(params.style_layers, options.taps)) {}

  void Redraw(uint64_t number) override {
    if (number == draw_) return;
    draw_ = number;
    drawn_.clear();
  }

  absl::Status SetTargets(const TargetSource& from) override {
    if (layers_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckStyles(from));
    for (size_t i = 0; i < from.styles.size(); ++i) {
      const Style& style = from.styles[i];
      if (style.mask.defined() || style.region.defined()) {
        return absl::InvalidArgumentError(
            absl::StrCat(style.mask.defined() ? "style_mask" : "style_region",
                         ": is not allowed with style_loss ", Name(kind_)));
      }
      const std::string key =
          TargetKey("style features", convention_.name, layers_,
                    from.kept.cache == nullptr ? "" : from.kept.styles[i]);
      const auto features = from.kept.GetOrMake(key, [&] {
        return FeaturesOf(style, from.network, from.preprocessor);
      });
      if (!features.ok()) return OfStyle(from, i, features.status());
      for (size_t k = 0; k < layers_.size(); ++k) {
        layers_[k].targets.push_back((*features)[k]);
      }
      blends_.push_back(style.blend);
    }
    return absl::OkStatus();
  }

  at::Tensor EvaluateFeatures(const Pass& pass, const ImageFactor& weight,
                              TapGradients& gradients) override {
    if (drawn_.empty()) DrawFor(pass.features);
    at::Tensor sum = at::zeros({pass.input.size(0)}, pass.input.options());
    const double over_layers =
        LayerFactor(convention_.style, static_cast<int>(layers_.size()));
    for (size_t k = 0; k < layers_.size(); ++k) {
      const TermLayer& layer = layers_[k];
      const at::Tensor& features = pass.features.taps[layer.tap];
      for (size_t i = 0; i < blends_.size(); ++i) {
        const double share = layer.weight * over_layers * blends_[i];
        LossAndGradient loss = loss_->Evaluate(
            features.flatten(2), drawn_[k][i], !weight.IsZero() && share != 0);
        if (loss.gradient.defined()) {
          loss.gradient = loss.gradient.view_as(features);
        }
        AddLayer(loss, share, weight, sum, gradients.taps[layer.tap]);
      }
    }
    return sum;
  }

 private:
  // By layer, [c, m].
  absl::StatusOr<std::vector<at::Tensor>> FeaturesOf(
      const Style& style, Network& network,
      const Preprocessor& preprocessor) const {
    ASSIGN_OR_RETURN(const Features features,
                     network.Forward(preprocessor.Forward(style.picture)));
    std::vector<at::Tensor> targets;
    for (const TermLayer& layer : layers_) {
      targets.push_back(features.taps[layer.tap][0].flatten(1).clone());
    }
    return targets;
  }

  void DrawFor(const Features& features) {
    const uint64_t seed = DerivedSeed(seed_, draw_);
    for (size_t k = 0; k < layers_.size(); ++k) {
      const at::Tensor& tap = features.taps[layers_[k].tap];
      auto& of_layer = drawn_.emplace_back();
      for (const at::Tensor& style : layers_[k].targets) {
        of_layer.push_back(loss_->Draw(style, tap.size(2) * tap.size(3),
                                       DerivedSeed(seed, k)));
      }
    }
  }

  const std::unique_ptr<FeatureLoss> loss_;
  const StyleLoss kind_;
  const uint64_t seed_;
  const ConventionSpec& convention_;
  std::vector<TermLayer> layers_;
  std::vector<double> blends_;  // By style.
  uint64_t draw_ = 0;
  // [layer][style], of this draw; empty until they are needed.
  std::vector<std::vector<std::vector<at::Tensor>>> drawn_;
};

}  // namespace

std::unique_ptr<Term> MakeFeatureStyleTerm(std::unique_ptr<FeatureLoss> loss,
                                           const RenderParams& params,
                                           const NetworkOptions& options) {
  return std::make_unique<FeatureStyleTerm>(std::move(loss), params, options);
}

}  // namespace atelier::engine
