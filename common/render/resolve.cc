#include "common/render/resolve.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/field_error.h"
#include "common/render/auto_scales.h"
#include "common/render/convention.h"
#include "common/render/preset.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr double kAdamLearningRate = 0.02;

// Each of weight 1, where there are no weights.
std::vector<LayerWeight> ConventionLayers(
    const std::vector<absl::string_view>& taps,
    const std::vector<double>& weights = {}) {
  std::vector<LayerWeight> layers;
  for (size_t i = 0; i < taps.size(); ++i) {
    layers.push_back({std::string(taps[i]), weights.empty() ? 1 : weights[i]});
  }
  return layers;
}

// The layers of a term that is on. A layer of weight 0 is the same as none.
absl::Status ResolveLayers(absl::string_view field, double term_weight,
                           const NetworkDescription& network,
                           std::vector<LayerWeight>& layers) {
  std::vector<LayerWeight> used;
  for (const LayerWeight& layer : layers) {
    const absl::StatusOr<Tap> tap = FindTap(network, layer.tap);
    if (!tap.ok()) return FieldError(field, tap.status().message());
    if (term_weight > 0 && layer.weight > 0) used.push_back(layer);
  }
  layers = std::move(used);
  return absl::OkStatus();
}

absl::Status RequireInput(absl::string_view field, absl::string_view why,
                          const std::string& digest) {
  if (!digest.empty()) return absl::OkStatus();
  return FieldError(field, absl::StrCat("missing; ", why));
}

absl::StatusOr<RenderInputs> ResolveInputs(const RenderPatch& patch,
                                           const RenderParams& params) {
  RenderInputs inputs;
  inputs.content = patch.content_digest.value_or("");
  inputs.weights = patch.weights_digest.value_or("");
  RETURN_IF_ERROR(
      RequireInput("content", "it gives the result its size", inputs.content));
  RETURN_IF_ERROR(
      RequireInput("weights", "a network is needed", inputs.weights));
  if (params.style_weight > 0) {
    ASSIGN_OR_RETURN(inputs.styles, ResolveStyles(patch));
  }
  if (params.init == Initialisation::kImage) {
    inputs.init = patch.init_digest.value_or("");
    RETURN_IF_ERROR(
        RequireInput("init", "the initial picture is needed with init 'image'",
                     inputs.init));
  }
  return inputs;
}

// What the render has no use for must not make it another one.
void DropUnused(RenderParams& params) {
  // A term without layers is off, however it was said.
  if (params.content_layers.empty()) params.content_weight = 0;
  if (params.style_layers.empty()) params.style_weight = 0;
  if (params.style_weight == 0) {
    params.style_scale = 1;
    params.style_loss = StyleLoss::kGram;
    if (params.colors == Colors::kMatch) params.colors = Colors::kStyle;
  }
  // What outlasts the render is never redrawn.
  params.resample_every = std::min(params.resample_every, params.iterations);
  if (!IsDrawn(params.style_loss)) {
    params.resample_every = 0;
    if (params.init != Initialisation::kNoise) params.seed = 0;
  }
}

// What holds of parameters together.
absl::Status CheckStyleLoss(const RenderParams& params,
                            const std::vector<StyleInput>& styles) {
  const absl::string_view loss = Name(params.style_loss);
  for (const StyleInput& style : styles) {
    if (TakesMasks(params.style_loss)) break;
    for (const auto& [field, mask] :
         {std::pair("style_mask", style.mask),
          std::pair("style_region", style.region)}) {
      if (mask.empty()) continue;
      return FieldError(
          field,
          absl::StrCat("is not allowed with style_loss ", loss,
                       "; allowed with gram, gram-moments, wasserstein"));
    }
  }
  if (!IsDrawn(params.style_loss)) return absl::OkStatus();
  // Losses do not compare across a redraw.
  if (params.least_progress > 0 && params.resample_every <= kProgressWindow &&
      params.resample_every < params.iterations) {
    return FieldError(
        "least_progress",
        absl::StrCat(params.least_progress, " is not allowed with style_loss ",
                     loss, " and resample_every ", params.resample_every,
                     "; it looks at ", kProgressWindow,
                     " iterations of one draw: give a resample_every of ",
                     kProgressWindow + 1, " at least, or 0"));
  }
  return absl::OkStatus();
}

const PresetSpec& PresetOf(const RenderPatch& patch) {
  return Spec(patch.preset.value_or(Preset::kPublished));
}

}  // namespace

RenderParams DefaultsFor(const RenderPatch& patch,
                         const NetworkDescription& network) {
  RenderParams params;
  const ConventionSpec& convention =
      Spec(patch.convention.value_or(params.convention));
  params.content_weight = convention.content_weight;
  params.style_loss = patch.style_loss.value_or(convention.style_loss);
  params.style_weight = StyleWeight(convention, params.style_loss);
  params.tv_weight = convention.tv_weight;
  params.content_layers = ConventionLayers(convention.content_layers);
  params.style_layers =
      ConventionLayers(convention.style_layers, convention.style_layer_weights);
  params.pooling = network.pooling;
  params.learning_rate =
      patch.optimizer.value_or(params.optimizer) == Optimizer::kAdam
          ? kAdamLearningRate
          : 1;
  const PresetSpec& preset = PresetOf(patch);
  params.iterations = preset.IterationsFrom(patch.init.value_or(params.init));
  params.scales = preset.scales;
  params.resample_every = patch.least_progress.value_or(0) > 0
                              ? 2 * kProgressWindow
                              : kResampleEvery;
  return params;
}

absl::StatusOr<std::vector<StyleInput>> ResolveStyles(
    const RenderPatch& patch) {
  if (!patch.style_digests.has_value() || patch.style_digests->empty()) {
    return FieldError("style", "missing; needed unless style_weight is 0");
  }
  ASSIGN_OR_RETURN(std::vector<StyleInput> styles, StylesOf(patch));
  double sum = 0;
  for (const StyleInput& style : styles) {
    RETURN_IF_ERROR(RequireInput("style", "needed unless style_weight is 0",
                                 style.picture));
    sum += style.blend;
  }
  styles.erase(std::remove_if(
                   styles.begin(), styles.end(),
                   [](const StyleInput& style) { return !(style.blend > 0); }),
               styles.end());
  if (styles.empty()) {
    return FieldError("style_blend", "all weights are 0; give one above 0");
  }
  for (StyleInput& style : styles) style.blend /= sum;
  return styles;
}

absl::StatusOr<Render> Resolve(const RenderPatch& patch,
                               const NetworkDescription& network,
                               const RenderLimits& limits,
                               const PictureSizes& sizes) {
  RETURN_IF_ERROR(ValidatePatch(patch, limits));
  Render render;
  RenderParams& params = render.params;
  params = WithGiven(DefaultsFor(patch, network), patch);
  RETURN_IF_ERROR(ResolveLayers("content_layers", params.content_weight,
                                network, params.content_layers));
  RETURN_IF_ERROR(ResolveLayers("style_layers", params.style_weight, network,
                                params.style_layers));
  if (!patch.iterations.has_value()) {
    params.iterations = std::min(params.iterations, limits.max_iterations);
  }
  DropUnused(params);
  // Who says how many iterations gets as many.
  if (!patch.least_progress.has_value() && !patch.iterations.has_value() &&
      !IsDrawn(params.style_loss)) {
    params.least_progress = PresetOf(patch).least_progress;
  }
  if (params.content_weight == 0 && params.style_weight == 0 &&
      params.tv_weight == 0) {
    return absl::InvalidArgumentError(
        "content_weight, style_weight and tv_weight: all terms are off; give "
        "at least one a weight above 0 and a layer");
  }
  ASSIGN_OR_RETURN(render.inputs, ResolveInputs(patch, params));
  RETURN_IF_ERROR(CheckStyleLoss(params, render.inputs.styles));
  if (params.scales == kAutoScales) {
    ASSIGN_OR_RETURN(params.scales, AutoScales(render, network, sizes));
  }
  if (!patch.lbfgs_history.has_value()) {
    params.lbfgs_history = DefaultLbfgsHistory(params.scales);
  }
  if (params.optimizer != Optimizer::kLbfgs) params.lbfgs_history = 0;
  return render;
}

}  // namespace atelier
