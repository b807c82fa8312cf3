#include "worker/engine/objective.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/engine/losses.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

// Adds a layer's term to its sum, and its gradient to what its tap gets.
void AddTerm(const Term& term, double layer_weight,
             const ImageFactor& term_weight, at::Tensor& sum,
             at::Tensor& at_tap) {
  sum += term.value * layer_weight;
  if (!term.gradient.defined()) return;
  const at::Tensor gradient = term_weight.Multiply(term.gradient, layer_weight);
  at_tap = at_tap.defined() ? at_tap + gradient : gradient;
}

ImageFactor FactorOf(absl::Span<const TermWeights> weights,
                     double TermWeights::*term, at::Device device) {
  std::vector<double> of_images;
  for (const TermWeights& of_image : weights) {
    of_images.push_back(of_image.*term);
  }
  return ImageFactor(of_images, device);
}

Grid SizeOf(const at::Tensor& image) { return {image.size(2), image.size(3)}; }

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

std::vector<std::string> NamesOf(const std::vector<LayerWeight>& layers) {
  std::vector<std::string> names;
  for (const LayerWeight& layer : layers) {
    if (std::find(names.begin(), names.end(), layer.tap) == names.end()) {
      names.push_back(layer.tap);
    }
  }
  return names;
}

}  // namespace

NetworkOptions OptionsFor(const RenderParams& params, Padding padding) {
  NetworkOptions options;
  options.taps = NamesOf(params.content_layers);
  options.grams = NamesOf(params.style_layers);
  options.padding = padding;
  options.pooling = params.pooling;
  return options;
}

TermWeights WeightsOf(const RenderParams& params) {
  return {params.content_weight, params.style_weight, params.tv_weight};
}

TermFactors::TermFactors(absl::Span<const TermWeights> weights,
                         at::Device device)
    : content(FactorOf(weights, &TermWeights::content, device)),
      style(FactorOf(weights, &TermWeights::style, device)),
      total_variation(
          FactorOf(weights, &TermWeights::total_variation, device)) {}

Objective::Objective(Network& network, const RenderParams& params)
    : network_(network),
      convention_(Spec(params.convention)),
      preprocessor_(convention_.preprocessing, network.device()),
      factors_({WeightsOf(params)}, network.device()),
      content_(LayersOf(params.content_layers, network.options().taps)),
      style_(LayersOf(params.style_layers, network.options().grams)) {}

std::vector<Objective::Layer> Objective::LayersOf(
    const std::vector<LayerWeight>& layers,
    const std::vector<std::string>& names) {
  std::vector<Layer> found;
  for (const LayerWeight& layer : layers) {
    const auto at = std::find(names.begin(), names.end(), layer.tap);
    found.push_back(
        {static_cast<size_t>(at - names.begin()), layer.weight, {}});
  }
  return found;
}

absl::StatusOr<std::unique_ptr<Objective>> Objective::Make(
    Network& network, const RenderParams& params, const at::Tensor& content,
    const std::vector<Style>& styles, const KeptTargets& kept) {
  return CallTorch(
      "computing targets", [&]() -> absl::StatusOr<std::unique_ptr<Objective>> {
        std::unique_ptr<Objective> objective(new Objective(network, params));
        RETURN_IF_ERROR(
            Annotate(objective->SetContent(content, kept), "content"));
        RETURN_IF_ERROR(objective->SetStyles(styles, kept));
        return objective;
      });
}

std::string Objective::KeyOf(const char* term,
                             const std::string& picture) const {
  return absl::StrCat(term, " of ", convention_.name, " of ", picture);
}

absl::Status Objective::SetContent(const at::Tensor& content,
                                   const KeptTargets& kept) {
  shape_ = content.sizes().vec();
  if (content_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Tensors targets,
                   kept.GetOrMake(KeyOf("features", kept.content),
                                  [&] { return ContentTargets(content); }));
  for (Layer& layer : content_) layer.targets = {targets[layer.tap]};
  return absl::OkStatus();
}

absl::StatusOr<Objective::Tensors> Objective::ContentTargets(
    const at::Tensor& content) {
  ASSIGN_OR_RETURN(const Features features,
                   network_.Forward(preprocessor_.Forward(content)));
  Tensors targets;
  for (const at::Tensor& tap : features.taps) targets.push_back(tap.clone());
  return targets;
}

absl::Status Objective::SetStyles(const std::vector<Style>& styles,
                                  const KeptTargets& kept) {
  if (style_.empty()) return absl::OkStatus();
  if (styles.empty()) {
    return absl::InvalidArgumentError(
        "style: missing; needed where there are style layers");
  }
  std::vector<at::Tensor> masks;
  for (size_t i = 0; i < styles.size(); ++i) {
    const std::string name =
        styles.size() == 1 ? "style" : absl::StrCat("style ", i + 1);
    const auto targets = kept.GetOrMake(
        KeyOf("Grams", kept.cache == nullptr ? "" : kept.styles[i]),
        [&] { return StyleTargets(styles[i]); });
    if (!targets.ok()) return Annotate(targets.status(), name);
    for (Layer& layer : style_) {
      layer.targets.push_back((*targets)[layer.tap]);
    }
    blends_.push_back(styles[i].blend);
    masks.push_back(styles[i].mask);
  }
  ASSIGN_OR_RETURN(regions_,
                   StyleRegions::Make(network_, masks, {shape_[2], shape_[3]}));
  return absl::OkStatus();
}

absl::StatusOr<Objective::Tensors> Objective::StyleTargets(const Style& style) {
  ASSIGN_OR_RETURN(
      const StyleRegions region,
      StyleRegions::Make(network_, {style.region}, SizeOf(style.picture)));
  ASSIGN_OR_RETURN(
      const Features features,
      network_.Forward(preprocessor_.Forward(style.picture), region.weights()));
  Tensors targets;
  for (size_t gram = 0; gram < features.grams.size(); ++gram) {
    targets.push_back(
        GramOf(features.grams[gram].select(1, 0), region.PixelsAt(gram, 0))
            .first);
  }
  return targets;
}

absl::StatusOr<Evaluation> Objective::Evaluate(const at::Tensor& image) {
  return Evaluate(image, factors_);
}

absl::StatusOr<Evaluation> Objective::Evaluate(const at::Tensor& image,
                                               const TermFactors& factors) {
  if (image.dim() != 4 ||
      image.sizes().slice(1) != at::IntArrayRef(shape_).slice(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("image of shape [", absl::StrJoin(image.sizes(), ", "),
                     "] does not have the content's size, [",
                     absl::StrJoin(shape_, ", "), "]"));
  }
  return CallTorch("evaluating losses",
                   [&] { return EvaluateOrThrow(image, factors); });
}

absl::StatusOr<Evaluation> Objective::EvaluateOrThrow(
    const at::Tensor& image, const TermFactors& factors) {
  const at::Tensor input = preprocessor_.Forward(image);
  ASSIGN_OR_RETURN(const Features features,
                   network_.Forward(input, regions_.weights()));
  TapGradients at_taps;
  at_taps.taps.resize(features.taps.size());
  at_taps.grams.resize(features.grams.size());

  Losses losses;
  losses.content = at::zeros({image.size(0)}, image.options());
  losses.style = at::zeros_like(losses.content);
  AddContent(features, factors.content, losses.content, at_taps);
  AddStyles(features, factors.style, losses.style, at_taps);
  ASSIGN_OR_RETURN(at::Tensor gradient, network_.Backward(at_taps));

  // Once the gradients at the taps are gone: both take much memory.
  at_taps = {};
  const ImageFactor& variation = factors.total_variation;
  const Term term = TotalVariation(input, !variation.IsZero());
  losses.total_variation = term.value;
  losses.total = factors.content.Multiply(losses.content.clone()) +
                 factors.style.Multiply(losses.style.clone()) +
                 variation.Multiply(losses.total_variation.clone());
  if (term.gradient.defined()) {
    gradient = gradient + variation.Multiply(term.gradient);
  }
  return Evaluation{losses, preprocessor_.Backward(gradient)};
}

void Objective::AddContent(const Features& features, const ImageFactor& factor,
                           at::Tensor& sum, TapGradients& gradients) const {
  for (const Layer& layer : content_) {
    const Term term = ContentTerm(features.taps[layer.tap], layer.targets[0],
                                  !factor.IsZero() && layer.weight != 0);
    AddTerm(term, layer.weight, factor, sum, gradients.taps[layer.tap]);
  }
}

void Objective::AddStyles(const Features& features, const ImageFactor& factor,
                          at::Tensor& sum, TapGradients& gradients) const {
  const double over_layers = LayerFactor(convention_.style, style_.size());
  // By Gram, then by region.
  std::vector<std::vector<at::Tensor>> at_regions(
      features.grams.size(), std::vector<at::Tensor>(regions_.count()));
  for (const Layer& layer : style_) {
    for (size_t i = 0; i < blends_.size(); ++i) {
      const size_t region = regions_.Of(i);
      const auto [gram, divisor] =
          GramOf(features.grams[layer.tap].select(1, region),
                 regions_.PixelsAt(layer.tap, region));
      const double share = layer.weight * blends_[i];
      Term term = StyleTerm(gram, layer.targets[i], convention_.style,
                            !factor.IsZero() && share != 0);
      if (term.gradient.defined()) term.gradient = term.gradient / divisor;
      AddTerm(term, layer.weight * over_layers * blends_[i], factor, sum,
              at_regions[layer.tap][region]);
    }
  }
  for (size_t g = 0; g < at_regions.size(); ++g) {
    gradients.grams[g] = StackRegions(at_regions[g]);
  }
}

std::pair<at::Tensor, double> Objective::GramOf(const at::Tensor& sums,
                                                double pixels) const {
  const double divisor = GramDivisor(convention_.style, sums.size(1), pixels);
  return {sums / divisor, divisor};
}

}  // namespace atelier::engine
