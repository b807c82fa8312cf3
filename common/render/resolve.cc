#include "common/render/resolve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// The field's default is the network's, or this.
constexpr double kLbfgsLearningRate = 1.0;
constexpr double kAdamLearningRate = 0.02;
constexpr int kMaxLbfgsHistory = 100;
constexpr int kMaxScales = 8;
constexpr double kMaxStyleScale = 16;
constexpr double kMaxBlend = 1e6;
constexpr size_t kMaxTapLength = 64;

template <typename Number>
absl::Status CheckRange(absl::string_view field,
                        const std::optional<Number>& value, Number least,
                        Number most) {
  // Written so that NaN is refused.
  if (!value.has_value() || (*value >= least && *value <= most)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": ", *value, " is not allowed; from ", least, " to ", most));
}

absl::Status CheckWeight(absl::string_view field,
                         const std::optional<double>& value) {
  if (!value.has_value() || (*value >= 0 && std::isfinite(*value))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": ", *value, " is not allowed; a finite number, at least 0"));
}

absl::Status CheckLayers(absl::string_view field,
                         const std::optional<std::vector<LayerWeight>>& layers,
                         const RenderLimits& limits) {
  if (!layers.has_value()) return absl::OkStatus();
  if (static_cast<int>(layers->size()) > limits.max_layers) {
    return absl::InvalidArgumentError(absl::StrCat(field, ": ", layers->size(),
                                                   " layers given; at most ",
                                                   limits.max_layers));
  }
  for (size_t i = 0; i < layers->size(); ++i) {
    const LayerWeight& layer = (*layers)[i];
    // No network has a longer name, and one that no task uses is kept, too.
    if (layer.tap.size() > kMaxTapLength ||
        !std::all_of(layer.tap.begin(), layer.tap.end(), absl::ascii_isgraph)) {
      return absl::InvalidArgumentError(absl::StrCat(
          field, ": layer ", Quoted(layer.tap), " is not allowed; at most ",
          kMaxTapLength, " letters, digits and '_'"));
    }
    RETURN_IF_ERROR(
        CheckWeight(absl::StrCat(field, ": weight of ",
                                 ClippedText(layer.tap, kMaxQuotedBytes)),
                    layer.weight));
    for (size_t j = 0; j < i; ++j) {
      if ((*layers)[j].tap == layer.tap) {
        return absl::InvalidArgumentError(
            absl::StrCat(field, ": ", ClippedText(layer.tap, kMaxQuotedBytes),
                         " is given twice"));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckStyleCount(absl::string_view field, size_t count,
                             const RenderLimits& limits) {
  if (count <= static_cast<size_t>(limits.max_styles)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", count, " given; at most ", limits.max_styles));
}

absl::Status CheckStyles(const RenderPatch& patch, const RenderLimits& limits) {
  const std::pair<absl::string_view,
                  const std::optional<std::vector<std::string>>*>
      kLists[] = {{"style", &patch.style_digests},
                  {"style_mask", &patch.style_mask_digests},
                  {"style_region", &patch.style_region_digests}};
  for (const auto& [field, list] : kLists) {
    if (!list->has_value()) continue;
    RETURN_IF_ERROR(CheckStyleCount(field, (*list)->size(), limits));
  }
  if (patch.style_blend.has_value()) {
    RETURN_IF_ERROR(
        CheckStyleCount("style_blend", patch.style_blend->size(), limits));
    for (double weight : *patch.style_blend) {
      RETURN_IF_ERROR(CheckRange("style_blend", std::optional<double>(weight),
                                 0.0, kMaxBlend));
    }
  }
  // Written so that NaN is refused, as in CheckRange.
  if (patch.style_scale.has_value() &&
      !(*patch.style_scale > 0 && *patch.style_scale <= kMaxStyleScale)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "style_scale: ", *patch.style_scale,
        " is not allowed; greater than 0, at most ", kMaxStyleScale));
  }
  return absl::OkStatus();
}

absl::Status CheckProgressAndOutput(const RenderPatch& patch) {
  RETURN_IF_ERROR(CheckRange("scales", patch.scales, 1, kMaxScales));
  if (patch.least_progress.has_value() &&
      !(*patch.least_progress >= 0 && *patch.least_progress < 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("least_progress: ", *patch.least_progress,
                     " is not allowed; at least 0, less than 1"));
  }
  if (patch.bits.has_value() && *patch.bits != 8 && *patch.bits != 16) {
    return absl::InvalidArgumentError(
        absl::StrCat("bits: ", *patch.bits, " is not allowed; 8 or 16"));
  }
  return absl::OkStatus();
}

std::vector<LayerWeight> ConventionLayers(
    const std::vector<absl::string_view>& taps) {
  std::vector<LayerWeight> layers;
  for (absl::string_view tap : taps) layers.push_back({std::string(tap), 1.0});
  return layers;
}

// The layers of a term that is on. A layer of weight 0 is the same as none.
absl::StatusOr<std::vector<LayerWeight>> ResolveLayers(
    absl::string_view field, double term_weight,
    const std::optional<std::vector<LayerWeight>>& given,
    const std::vector<absl::string_view>& from_convention,
    const NetworkDescription& network) {
  std::vector<LayerWeight> used;
  for (const LayerWeight& layer :
       given.has_value() ? *given : ConventionLayers(from_convention)) {
    absl::StatusOr<Tap> tap = FindTap(network, layer.tap);
    if (!tap.ok()) return Annotate(tap.status(), field);
    if (term_weight > 0 && layer.weight > 0) used.push_back(layer);
  }
  return used;
}

absl::Status RequireInput(absl::string_view field, absl::string_view why,
                          const std::string& digest) {
  if (!digest.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, ": missing; ", why));
}

// What a list has for the style at `index`. A list has one entry for each style
// or, where nothing was given, none.
template <typename T>
absl::StatusOr<T> EntryFor(absl::string_view field,
                           const std::optional<std::vector<T>>& list,
                           size_t index, size_t styles, const T& missing) {
  if (!list.has_value()) return missing;
  if (list->size() == styles) return (*list)[index];
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", list->size(), " given for ", styles,
                   styles == 1 ? " style" : " styles", "; give one for each"));
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

RenderParams ScalarsOf(const RenderPatch& patch,
                       const NetworkDescription& network) {
  RenderParams params;
  params.convention = patch.convention.value_or(params.convention);
  const ConventionSpec& convention = Spec(params.convention);
  params.size_px = patch.size_px.value_or(params.size_px);
  params.iterations = patch.iterations.value_or(params.iterations);
  params.optimizer = patch.optimizer.value_or(params.optimizer);
  const bool lbfgs = params.optimizer == Optimizer::kLbfgs;
  params.learning_rate = patch.learning_rate.value_or(
      lbfgs ? kLbfgsLearningRate : kAdamLearningRate);
  params.scales = patch.scales.value_or(params.scales);
  // Adam keeps no history; a stray one must not make the render another one.
  params.lbfgs_history =
      lbfgs ? patch.lbfgs_history.value_or(DefaultLbfgsHistory(params.scales))
            : 0;
  params.content_weight =
      patch.content_weight.value_or(convention.content_weight);
  params.style_weight = patch.style_weight.value_or(convention.style_weight);
  params.tv_weight = patch.tv_weight.value_or(convention.tv_weight);
  params.init = patch.init.value_or(params.init);
  params.pooling = patch.pooling.value_or(network.pooling);
  params.seed = params.init == Initialisation::kNoise
                    ? patch.seed.value_or(params.seed)
                    : 0;
  params.least_progress = patch.least_progress.value_or(params.least_progress);
  params.style_scale = patch.style_scale.value_or(params.style_scale);
  params.colors = patch.colors.value_or(params.colors);
  params.bits = patch.bits.value_or(params.bits);
  return params;
}

}  // namespace

absl::StatusOr<std::vector<StyleInput>> ResolveStyles(
    const RenderPatch& patch) {
  const std::vector<std::string> pictures =
      patch.style_digests.value_or(std::vector<std::string>{});
  std::vector<StyleInput> styles;
  double sum = 0;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto text_for = [&](absl::string_view field, const auto& list) {
      return EntryFor<std::string>(field, list, i, pictures.size(), "");
    };
    StyleInput style;
    style.picture = pictures[i];
    RETURN_IF_ERROR(RequireInput("style", "needed unless style_weight is 0",
                                 style.picture));
    ASSIGN_OR_RETURN(style.mask,
                     text_for("style_mask", patch.style_mask_digests));
    ASSIGN_OR_RETURN(style.region,
                     text_for("style_region", patch.style_region_digests));
    ASSIGN_OR_RETURN(style.blend, EntryFor("style_blend", patch.style_blend, i,
                                           pictures.size(), 1.0));
    sum += style.blend;
    if (style.blend > 0) styles.push_back(std::move(style));
  }
  if (pictures.empty()) {
    return absl::InvalidArgumentError(
        "style: missing; needed unless style_weight is 0");
  }
  if (styles.empty()) {
    return absl::InvalidArgumentError(
        "style_blend: all weights are 0; give one above 0");
  }
  for (StyleInput& style : styles) style.blend /= sum;
  return styles;
}

absl::Status ValidatePatch(const RenderPatch& patch,
                           const RenderLimits& limits) {
  constexpr double kLeast = std::numeric_limits<double>::min();
  RETURN_IF_ERROR(CheckRange("size", patch.size_px, 0, limits.max_size_px));
  RETURN_IF_ERROR(
      CheckRange("iterations", patch.iterations, 1, limits.max_iterations));
  if (patch.learning_rate.has_value() &&
      !(*patch.learning_rate >= kLeast && *patch.learning_rate <= 1e6)) {
    return absl::InvalidArgumentError(
        absl::StrCat("learning_rate: ", *patch.learning_rate,
                     " is not allowed; greater than 0, at most 1e6"));
  }
  RETURN_IF_ERROR(
      CheckRange("lbfgs_history", patch.lbfgs_history, 1, kMaxLbfgsHistory));
  RETURN_IF_ERROR(CheckWeight("content_weight", patch.content_weight));
  RETURN_IF_ERROR(CheckWeight("style_weight", patch.style_weight));
  RETURN_IF_ERROR(CheckWeight("tv_weight", patch.tv_weight));
  RETURN_IF_ERROR(CheckStyles(patch, limits));
  RETURN_IF_ERROR(CheckProgressAndOutput(patch));
  RETURN_IF_ERROR(CheckLayers("content_layers", patch.content_layers, limits));
  return CheckLayers("style_layers", patch.style_layers, limits);
}

absl::StatusOr<Render> Resolve(const RenderPatch& patch,
                               const NetworkDescription& network,
                               const RenderLimits& limits) {
  RETURN_IF_ERROR(ValidatePatch(patch, limits));
  RenderParams params = ScalarsOf(patch, network);
  const ConventionSpec& convention = Spec(params.convention);
  ASSIGN_OR_RETURN(
      params.content_layers,
      ResolveLayers("content_layers", params.content_weight,
                    patch.content_layers, convention.content_layers, network));
  ASSIGN_OR_RETURN(
      params.style_layers,
      ResolveLayers("style_layers", params.style_weight, patch.style_layers,
                    convention.style_layers, network));
  // A term without layers is off, however it was said.
  if (params.content_layers.empty()) params.content_weight = 0;
  if (params.style_layers.empty()) params.style_weight = 0;
  if (params.style_weight == 0) {
    params.style_scale = 1;
    if (params.colors == Colors::kMatch) params.colors = Colors::kStyle;
  }
  if (params.content_weight == 0 && params.style_weight == 0 &&
      params.tv_weight == 0) {
    return absl::InvalidArgumentError(
        "content_weight, style_weight and tv_weight: all terms are off; give "
        "at least one a weight above 0 and a layer");
  }

  ASSIGN_OR_RETURN(RenderInputs inputs, ResolveInputs(patch, params));
  return Render{std::move(params), std::move(inputs)};
}

}  // namespace atelier
