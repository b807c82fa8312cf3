#include "worker/engine/objective.h"

#include <ATen/ATen.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/term_registry.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {

NetworkOptions OptionsFor(const RenderParams& params, Padding padding) {
  NetworkOptions options;
  for (const TermKind* kind : TermRegistry()) kind->add_reads(params, options);
  options.padding = padding;
  options.pooling = params.pooling;
  const ConventionSpec& convention = Spec(params.convention);
  options.first_padding = convention.first_padding;
  options.pooling_scale =
      convention.pooling_scales[static_cast<size_t>(params.pooling)];
  return options;
}

TermWeights WeightsOf(const RenderParams& params) {
  TermWeights weights;
  for (const TermKind* kind : TermRegistry()) {
    weights.Add(kind->name, kind->weight(params));
  }
  return weights;
}

TermFactors FactorsOf(absl::Span<const TermWeights> weights,
                      at::Device device) {
  TermFactors factors;
  for (const TermKind* kind : TermRegistry()) {
    std::vector<double> of_images;
    for (const TermWeights& of_image : weights) {
      of_images.push_back(of_image[kind->name]);
    }
    factors.emplace_back(of_images, device);
  }
  return factors;
}

Objective::Objective(Network& network, const RenderParams& params)
    : network_(network),
      preprocessor_(Spec(params.convention).preprocessing, network.device()),
      factors_(FactorsOf({WeightsOf(params)}, network.device())) {
  for (const TermKind* kind : TermRegistry()) {
    terms_.push_back(kind->make(params, network.options()));
  }
}

absl::StatusOr<std::unique_ptr<Objective>> Objective::Make(
    Network& network, const RenderParams& params, const at::Tensor& content,
    const std::vector<Style>& styles, const KeptTargets& kept) {
  return CallTorch(
      "computing targets", [&]() -> absl::StatusOr<std::unique_ptr<Objective>> {
        std::unique_ptr<Objective> objective(new Objective(network, params));
        RETURN_IF_ERROR(objective->SetTargets(content, styles, kept));
        return objective;
      });
}

absl::Status Objective::SetTargets(const at::Tensor& content,
                                   const std::vector<Style>& styles,
                                   const KeptTargets& kept) {
  shape_ = content.sizes().vec();
  if (!network_.options().grams.empty()) {
    std::vector<at::Tensor> masks;
    for (const Style& style : styles) masks.push_back(style.mask);
    ASSIGN_OR_RETURN(
        regions_, StyleRegions::Make(network_, masks, {shape_[2], shape_[3]}));
  }
  const TargetSource from{network_, preprocessor_, content,
                          styles,   regions_,      kept};
  for (const auto& term : terms_) RETURN_IF_ERROR(term->SetTargets(from));
  return absl::OkStatus();
}

void Objective::Redraw(uint64_t number) {
  for (const auto& term : terms_) term->Redraw(number);
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
  const Pass pass{input, features, regions_};
  std::vector<at::Tensor> values(terms_.size());
  for (size_t i = 0; i < terms_.size(); ++i) {
    values[i] = terms_[i]->EvaluateFeatures(pass, factors[i], at_taps);
  }
  ASSIGN_OR_RETURN(at::Tensor gradient, network_.Backward(at_taps));

  // Once the gradients at the taps are gone: both take much memory.
  at_taps = {};
  Losses losses;
  for (size_t i = 0; i < terms_.size(); ++i) {
    if (!values[i].defined()) {
      values[i] = terms_[i]->EvaluatePixels(input, factors[i], gradient);
    }
    const at::Tensor weighted = factors[i].Multiply(values[i].clone());
    losses.total = losses.total.defined() ? losses.total + weighted : weighted;
    losses.terms.Add(TermRegistry()[i]->name, values[i]);
  }
  return Evaluation{losses, preprocessor_.Backward(gradient)};
}

}  // namespace atelier::engine
