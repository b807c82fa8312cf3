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
void AddTerm(Term term, double layer_weight, double term_weight,
             at::Tensor& sum, at::Tensor& at_tap) {
  sum += term.value * layer_weight;
  if (!term.gradient.defined()) return;
  term.gradient.mul_(layer_weight * term_weight);
  at_tap = at_tap.defined() ? at_tap + term.gradient : term.gradient;
}

}  // namespace

std::vector<std::string> TapsOf(const RenderParams& params) {
  std::vector<std::string> taps;
  for (const auto* layers : {&params.content_layers, &params.style_layers}) {
    for (const LayerWeight& layer : *layers) {
      if (std::find(taps.begin(), taps.end(), layer.tap) == taps.end()) {
        taps.push_back(layer.tap);
      }
    }
  }
  return taps;
}

Objective::Objective(Network& network, const RenderParams& params)
    : network_(network),
      convention_(Spec(params.convention)),
      preprocessor_(convention_.preprocessing, network.device()),
      content_weight_(params.content_weight),
      style_weight_(params.style_weight),
      tv_weight_(params.tv_weight) {
  const std::vector<std::string>& taps = network.tap_names();
  const auto layer_at = [&taps](const LayerWeight& layer) {
    const auto found = std::find(taps.begin(), taps.end(), layer.tap);
    return Layer{static_cast<size_t>(found - taps.begin()), layer.weight, {}};
  };
  for (const LayerWeight& layer : params.content_layers) {
    content_.push_back(layer_at(layer));
  }
  for (const LayerWeight& layer : params.style_layers) {
    style_.push_back(layer_at(layer));
  }
}

absl::StatusOr<std::unique_ptr<Objective>> Objective::Make(
    Network& network, const RenderParams& params, const at::Tensor& content,
    const at::Tensor& style) {
  return CallTorch(
      "computing targets", [&]() -> absl::StatusOr<std::unique_ptr<Objective>> {
        std::unique_ptr<Objective> objective(new Objective(network, params));
        RETURN_IF_ERROR(Annotate(objective->SetContent(content), "content"));
        RETURN_IF_ERROR(Annotate(objective->SetStyle(style), "style"));
        return objective;
      });
}

absl::Status Objective::SetContent(const at::Tensor& content) {
  shape_ = content.sizes().vec();
  if (content_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Features features,
                   network_.Forward(preprocessor_.Forward(content)));
  for (Layer& layer : content_) {
    layer.target = features.taps[layer.tap].clone();
  }
  return absl::OkStatus();
}

absl::Status Objective::SetStyle(const at::Tensor& style) {
  if (style_.empty()) return absl::OkStatus();
  if (!style.defined()) {
    return absl::InvalidArgumentError(
        "missing; needed where there are style layers");
  }
  ASSIGN_OR_RETURN(const Features features,
                   network_.Forward(preprocessor_.Forward(style)));
  for (Layer& layer : style_) {
    layer.target = Gram(features.taps[layer.tap], convention_.style);
  }
  return absl::OkStatus();
}

absl::StatusOr<Evaluation> Objective::Evaluate(const at::Tensor& image) {
  if (image.dim() != 4 ||
      image.sizes().slice(1) != at::IntArrayRef(shape_).slice(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("image of shape [", absl::StrJoin(image.sizes(), ", "),
                     "] does not have the content's size, [",
                     absl::StrJoin(shape_, ", "), "]"));
  }
  return CallTorch("evaluating losses", [&] { return EvaluateOrThrow(image); });
}

absl::StatusOr<Evaluation> Objective::EvaluateOrThrow(const at::Tensor& image) {
  const at::Tensor input = preprocessor_.Forward(image);
  ASSIGN_OR_RETURN(const Features features, network_.Forward(input));
  TapGradients at_taps;
  at_taps.taps.resize(features.taps.size());

  Evaluation evaluation;
  Losses& losses = evaluation.losses;
  Term variation = TotalVariation(input, tv_weight_ != 0);
  losses.content = at::zeros_like(variation.value);
  losses.style = at::zeros_like(variation.value);
  AddContent(features, losses.content, at_taps);
  AddStyle(features, losses.style, at_taps);
  losses.total_variation = variation.value;
  losses.total = losses.content * content_weight_ +
                 losses.style * style_weight_ + variation.value * tv_weight_;

  ASSIGN_OR_RETURN(at::Tensor gradient, network_.Backward(at_taps));
  if (variation.gradient.defined()) {
    gradient = gradient + variation.gradient.mul_(tv_weight_);
  }
  evaluation.gradient = preprocessor_.Backward(gradient);
  return evaluation;
}

void Objective::AddContent(const Features& features, at::Tensor& sum,
                           TapGradients& gradients) const {
  for (const Layer& layer : content_) {
    Term term = ContentTerm(features.taps[layer.tap], layer.target,
                            content_weight_ * layer.weight != 0);
    AddTerm(std::move(term), layer.weight, content_weight_, sum,
            gradients.taps[layer.tap]);
  }
}

void Objective::AddStyle(const Features& features, at::Tensor& sum,
                         TapGradients& gradients) const {
  const double over_layers = LayerFactor(convention_.style, style_.size());
  for (const Layer& layer : style_) {
    Term term = StyleTerm(features.taps[layer.tap], layer.target,
                          convention_.style, style_weight_ * layer.weight != 0);
    AddTerm(std::move(term), layer.weight * over_layers, style_weight_, sum,
            gradients.taps[layer.tap]);
  }
}

}  // namespace atelier::engine
