#include "worker/engine/style_term.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier::engine {
namespace {

// Gradients of each region, [n, c, c] or undefined, as one of [n, r, c, c].
at::Tensor StackRegions(std::vector<at::Tensor>& regions) {
  const auto some =
      std::find_if(regions.begin(), regions.end(),
                   [](const at::Tensor& at) { return at.defined(); });
  if (some == regions.end()) return {};
  for (at::Tensor& at : regions) {
    if (!at.defined()) at = at::zeros_like(*some);
  }
  return at::stack(regions, 1);
}

double GramLossFactor(int64_t channels, const StyleReduction& how) {
  const double squared = static_cast<double>(channels) * channels;
  const double reduction = how.sum_squares ? 1 : 1 / squared;
  return how.per_channels_squared == 0
             ? reduction
             : reduction * how.per_channels_squared / squared;
}

class StyleGrams : public Term {
 public:
  StyleGrams(const RenderParams& params, const NetworkOptions& options)
      : convention_(Spec(params.convention)),
        layers_(FindLayers(params.style_layers, options.grams)) {}

  absl::Status SetTargets(const TargetSource& from) override {
    if (layers_.empty()) return absl::OkStatus();
    if (from.styles.empty()) {
      return absl::InvalidArgumentError(
          "style: missing; needed where there are style layers");
    }
    for (size_t i = 0; i < from.styles.size(); ++i) {
      const Style& style = from.styles[i];
      const std::string key =
          TargetKey("Grams", convention_.name,
                    from.kept.cache == nullptr ? "" : from.kept.styles[i]);
      const auto targets = from.kept.GetOrMake(
          key, [&] { return GramsOf(style, from.network, from.preprocessor); });
      if (!targets.ok()) {
        return Annotate(targets.status(), from.styles.size() == 1
                                              ? "style"
                                              : absl::StrCat("style ", i + 1));
      }
      for (TermLayer& layer : layers_) {
        layer.targets.push_back((*targets)[layer.tap]);
      }
      blends_.push_back(style.blend);
    }
    return absl::OkStatus();
  }

  at::Tensor EvaluateFeatures(const Pass& pass, const ImageFactor& weight,
                              TapGradients& gradients) override {
    const std::vector<at::Tensor>& grams = pass.features.grams;
    at::Tensor sum = at::zeros({pass.input.size(0)}, pass.input.options());
    // By Gram, then by region.
    std::vector<std::vector<at::Tensor>> at_regions(
        grams.size(), std::vector<at::Tensor>(pass.regions.count()));
    for (const TermLayer& layer : layers_) {
      for (size_t i = 0; i < blends_.size(); ++i) {
        AddStyle(pass, layer, i, weight, sum,
                 at_regions[layer.tap][pass.regions.Of(i)]);
      }
    }
    for (size_t g = 0; g < at_regions.size(); ++g) {
      AddGradient(StackRegions(at_regions[g]), gradients.grams[g]);
    }
    return sum;
  }

 private:
  // `sums` of products at a layer as a Gram matrix, and what divided them.
  std::pair<at::Tensor, double> GramOf(const at::Tensor& sums,
                                       double pixels) const {
    const double divisor = GramDivisor(convention_.style, sums.size(1), pixels);
    return {sums / divisor, divisor};
  }

  // By Gram.
  absl::StatusOr<std::vector<at::Tensor>> GramsOf(
      const Style& style, Network& network,
      const Preprocessor& preprocessor) const {
    ASSIGN_OR_RETURN(
        const StyleRegions region,
        StyleRegions::Make(network, {style.region},
                           {style.picture.size(2), style.picture.size(3)}));
    ASSIGN_OR_RETURN(
        const Features features,
        network.Forward(preprocessor.Forward(style.picture), region.weights()));
    std::vector<at::Tensor> targets;
    for (size_t gram = 0; gram < features.grams.size(); ++gram) {
      targets.push_back(
          GramOf(features.grams[gram].select(1, 0), region.PixelsAt(gram, 0))
              .first);
    }
    return targets;
  }

  // Style `i` at a layer.
  void AddStyle(const Pass& pass, const TermLayer& layer, size_t i,
                const ImageFactor& weight, at::Tensor& sum,
                at::Tensor& at_region) const {
    const size_t region = pass.regions.Of(i);
    const auto [gram, divisor] =
        GramOf(pass.features.grams[layer.tap].select(1, region),
               pass.regions.PixelsAt(layer.tap, region));
    const double share = layer.weight * blends_[i];
    LossAndGradient loss = StyleLoss(gram, layer.targets[i], convention_.style,
                                     !weight.IsZero() && share != 0);
    if (loss.gradient.defined()) loss.gradient = loss.gradient / divisor;
    const double over_layers = LayerFactor(convention_.style, layers_.size());
    AddLayer(loss, layer.weight * over_layers * blends_[i], weight, sum,
             at_region);
  }

  const ConventionSpec& convention_;
  std::vector<TermLayer> layers_;
  std::vector<double> blends_;  // By style.
};

}  // namespace

const TermKind kStyleTerm = {
    "style", "style loss",
    [](const RenderParams& params) { return params.style_weight; },
    [](const RenderParams& params, NetworkOptions& options) {
      AddNames(params.style_layers, options.grams);
    },
    // Matrices of channels are small beside features.
    [](const PassBytes&, int64_t) { return int64_t{0}; },
    [](const RenderParams& params,
       const NetworkOptions& options) -> std::unique_ptr<Term> {
      return std::make_unique<StyleGrams>(params, options);
    }};

double GramDivisor(const StyleReduction& how, int64_t channels, double pixels) {
  return how.divide_gram_by_channels ? pixels * static_cast<double>(channels)
                                     : pixels;
}

LossAndGradient StyleLoss(const at::Tensor& gram, const at::Tensor& target,
                          const StyleReduction& how, bool with_gradient) {
  const double factor = GramLossFactor(gram.size(1), how);
  const at::Tensor difference = gram - target;
  LossAndGradient loss;
  loss.value = difference.square().sum({1, 2}) * factor;
  if (with_gradient) loss.gradient = difference * (2 * factor);
  return loss;
}

double LayerFactor(const StyleReduction& how, int layers) {
  return how.mean_over_layers ? 1.0 / layers : 1.0;
}

}  // namespace atelier::engine
