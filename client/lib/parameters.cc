#include "client/lib/parameters.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/render/convention.h"
#include "common/render/layer_list.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// Shortest text that reads back as the same number.
std::string Shortest(double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return std::string(text, end);
}

bool ParseNumber(absl::string_view text, double& value) {
  return absl::SimpleAtod(text, &value);
}
template <typename Integer>
bool ParseNumber(absl::string_view text, Integer& value) {
  return absl::SimpleAtoi(text, &value);
}

template <auto kField>
absl::Status ParseNumberInto(const Parameter& self, absl::string_view text,
                             RenderDraft& into) {
  using Value = std::decay_t<decltype(*(RenderPatch{}.*kField))>;
  Value value;
  if (!ParseNumber(text, value)) {
    return absl::InvalidArgumentError(absl::StrCat(
        self.name, ": '", text, "' is not ",
        std::is_same_v<Value, double> ? "a number" : "a whole number in range",
        "; give one such as ",
        std::is_same_v<Value, double> ? "3500 or 3.5e3" : "300"));
  }
  into.patch.*kField = value;
  return absl::OkStatus();
}

template <auto kField, auto kParse>
absl::Status ParseNameInto(const Parameter&, absl::string_view text,
                           RenderDraft& into) {
  ASSIGN_OR_RETURN(into.patch.*kField, kParse(text));
  return absl::OkStatus();
}

template <auto kField>
absl::Status ParseLayersInto(const Parameter& self, absl::string_view text,
                             RenderDraft& into) {
  absl::StatusOr<std::vector<LayerWeight>> layers = ParseLayerList(text);
  if (!layers.ok()) return Annotate(layers.status(), self.name);
  into.patch.*kField = *std::move(layers);
  return absl::OkStatus();
}

template <auto kField>
absl::Status ParsePathInto(const Parameter& self, absl::string_view text,
                           RenderDraft& into) {
  if (text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(self.name, ": is empty; give ", self.value_name));
  }
  into.*kField = std::string(text);
  return absl::OkStatus();
}

// A file more of a list.
template <auto kField>
absl::Status AddPath(const Parameter& self, absl::string_view text,
                     RenderDraft& into) {
  if (text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(self.name, ": is empty; give ", self.value_name));
  }
  std::optional<std::vector<std::string>>& list = into.*kField;
  if (!list.has_value()) list.emplace();
  list->emplace_back(text);
  return absl::OkStatus();
}

template <auto kField>
absl::Status AddMask(const Parameter& self, absl::string_view text,
                     RenderDraft& into) {
  RETURN_IF_ERROR(AddPath<kField>(self, text, into));
  if (text == kNoMask) (into.*kField)->back().clear();
  return absl::OkStatus();
}

absl::Status ParseBlend(const Parameter& self, absl::string_view text,
                        RenderDraft& into) {
  std::vector<double> weights;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    double weight = 0;
    if (!ParseNumber(part, weight)) {
      return absl::InvalidArgumentError(
          absl::StrCat(self.name, ": '", text,
                       "' is not a list of numbers; give one for each style, "
                       "such as 2,1"));
    }
    weights.push_back(weight);
  }
  into.patch.style_blend = std::move(weights);
  return absl::OkStatus();
}

absl::Status ParseInit(const Parameter& self, absl::string_view text,
                       RenderDraft& into) {
  into.init.reset();
  if (text == Name(Initialisation::kContent)) {
    into.patch.init = Initialisation::kContent;
  } else if (text == Name(Initialisation::kNoise)) {
    into.patch.init = Initialisation::kNoise;
  } else {
    into.patch.init = Initialisation::kImage;
    return ParsePathInto<&RenderDraft::init>(self, text, into);
  }
  return absl::OkStatus();
}

template <auto kField>
bool PatchHas(const RenderDraft& draft) {
  return (draft.patch.*kField).has_value();
}
template <auto kField>
bool DraftHas(const RenderDraft& draft) {
  return (draft.*kField).has_value();
}

template <auto kField>
std::string PrintNumber(const Render& render, const InputNames&) {
  const auto value = render.params.*kField;
  if constexpr (std::is_same_v<decltype(value), const double>) {
    return Shortest(value);
  } else {
    return absl::StrCat(value);
  }
}
template <auto kField>
std::string PrintName(const Render& render, const InputNames&) {
  return std::string(Name(render.params.*kField));
}
template <auto kField>
std::string PrintLayers(const Render& render, const InputNames&) {
  return FormatLayerList(render.params.*kField);
}
template <auto kField, auto kName>
std::string PrintFile(const Render& render, const InputNames& names) {
  return names.Of(kName, 0, render.inputs.*kField);
}
std::string PrintStyleFiles(const Render& render, const InputNames& names) {
  std::vector<std::string> texts;
  for (const StyleInput& style : render.inputs.styles) {
    texts.push_back(
        names.Of(kStyleField, static_cast<int>(texts.size()), style.picture));
  }
  return absl::StrJoin(texts, ",");
}
// Empty where no style has a mask.
template <auto kField, auto kName>
std::string PrintMasks(const Render& render, const InputNames& names) {
  std::vector<std::string> texts;
  bool has_mask = false;
  for (const StyleInput& style : render.inputs.styles) {
    const std::string& digest = style.*kField;
    has_mask = has_mask || !digest.empty();
    texts.push_back(
        digest.empty()
            ? std::string(kNoMask)
            : names.Of(kName, static_cast<int>(texts.size()), digest));
  }
  return has_mask ? absl::StrJoin(texts, ",") : "";
}
std::string PrintBlend(const Render& render, const InputNames&) {
  return absl::StrJoin(render.inputs.styles, ",",
                       [](std::string* out, const StyleInput& style) {
                         out->append(Shortest(style.blend));
                       });
}
std::string PrintInit(const Render& render, const InputNames& names) {
  return render.params.init == Initialisation::kImage
             ? PrintFile<&RenderInputs::init, kInitField>(render, names)
             : std::string(Name(render.params.init));
}

// Rows of one kind.
template <auto kPatch, auto kParams>
constexpr Parameter Number(absl::string_view name, absl::string_view help) {
  return {name,
          "N",
          help,
          Takes::kOne,
          ParseNumberInto<kPatch>,
          PatchHas<kPatch>,
          PrintNumber<kParams>};
}
template <auto kPatch, auto kParams, auto kParse>
constexpr Parameter Choice(absl::string_view name, absl::string_view choices,
                           absl::string_view help) {
  return {name,
          choices,
          help,
          Takes::kOne,
          ParseNameInto<kPatch, kParse>,
          PatchHas<kPatch>,
          PrintName<kParams>};
}
template <auto kPatch, auto kParams>
constexpr Parameter Layers(absl::string_view name, absl::string_view help) {
  return {name,
          "LAYERS",
          help,
          Takes::kJoined,
          ParseLayersInto<kPatch>,
          PatchHas<kPatch>,
          PrintLayers<kParams>};
}
template <auto kDraft, auto kInput, auto kName>
constexpr Parameter File(absl::string_view name, absl::string_view value_name,
                         absl::string_view help) {
  return {name,
          value_name,
          help,
          Takes::kOne,
          ParsePathInto<kDraft>,
          DraftHas<kDraft>,
          PrintFile<kInput, kName>};
}

template <auto kDraft, auto kInput, auto kName>
constexpr Parameter Masks(absl::string_view name, absl::string_view help) {
  return {name,
          "FILE|none",
          help,
          Takes::kEach,
          AddMask<kDraft>,
          DraftHas<kDraft>,
          PrintMasks<kInput, kName>};
}

using Patch = RenderPatch;
using Params = RenderParams;

constexpr Parameter kParameters[] = {
    File<&RenderDraft::content, &RenderInputs::content, kContentField>(
        "content", "FILE", "Picture to repaint; gives the result its size"),
    {"style", "FILE",
     "Picture whose manner is borrowed; give several to blend them",
     Takes::kEach, AddPath<&RenderDraft::styles>,
     DraftHas<&RenderDraft::styles>, PrintStyleFiles},
    {"style_blend", "N,N",
     "Shares of the styles, in their order; equal when not given",
     Takes::kJoined, ParseBlend, PatchHas<&Patch::style_blend>, PrintBlend},
    Masks<&RenderDraft::style_masks, &StyleInput::mask, kStyleMaskField>(
        "style_mask",
        "Grey picture over the content: white where the style applies; one for "
        "each style, in their order"),
    Masks<&RenderDraft::style_regions, &StyleInput::region, kStyleRegionField>(
        "style_region",
        "Grey picture over the style: white where its manner is taken from; "
        "one for each style, in their order"),
    Number<&Patch::style_scale, &Params::style_scale>(
        "style_scale", "Longer side of the style picture, times the size"),
    Choice<&Patch::colors, &Params::colors, ParseColors>(
        "colors", "NAME",
        "Whose colours the result has: style, original (the content's) or "
        "match (the style, matched to the content's first)"),
    Number<&Patch::size_px, &Params::size_px>(
        "size", "Longer side of the result in pixels; 0 keeps the content's"),
    Number<&Patch::iterations, &Params::iterations>(
        "iterations", "Evaluations of loss and gradient"),
    Choice<&Patch::convention, &Params::convention, ParseConvention>(
        "convention", "NAME",
        "Definition of the losses: pytorch-tutorial, gordicaleksa, "
        "neural-style or gatys"),
    Number<&Patch::content_weight, &Params::content_weight>(
        "content_weight", "Weight of the content term; 0 turns it off"),
    Number<&Patch::style_weight, &Params::style_weight>(
        "style_weight", "Weight of the style term; 0 turns it off"),
    Number<&Patch::tv_weight, &Params::tv_weight>(
        "tv_weight", "Weight of total variation; 0 turns it off"),
    Layers<&Patch::content_layers, &Params::content_layers>(
        "content_layers", "Layers of the content term: conv4_2 or conv_10"),
    Layers<&Patch::style_layers, &Params::style_layers>(
        "style_layers",
        "Layers of the style term: conv1_1,conv2_1:0.5 or conv_1-4"),
    {"init", "content|noise|FILE", "What the picture starts from", Takes::kOne,
     ParseInit, PatchHas<&Patch::init>, PrintInit},
    Choice<&Patch::optimizer, &Params::optimizer, ParseOptimizer>(
        "optimizer", "lbfgs|adam", "What minimises the loss"),
    Number<&Patch::learning_rate, &Params::learning_rate>(
        "learning_rate", "Step size, in units of RGB [0,1]"),
    Number<&Patch::lbfgs_history, &Params::lbfgs_history>(
        "lbfgs_history",
        "Curvature pairs that L-BFGS keeps; when not given 10, over several "
        "scales 40"),
    Choice<&Patch::pooling, &Params::pooling, ParsePooling>(
        "pooling", "max|avg", "Pooling; the weight file's own when not given"),
    File<&RenderDraft::weights, &RenderInputs::weights, kWeightsField>(
        "weights", "NAME|FILE",
        "Network to look through; see: atelier weights list"),
    Number<&Patch::seed, &Params::seed>("seed", "Seed of the noise"),
    Number<&Patch::scales, &Params::scales>(
        "scales", "Sizes to render at, coarse to fine, each twice the last"),
    Number<&Patch::least_progress, &Params::least_progress>(
        "least_progress",
        "Stop once 50 iterations gain less than this share; 0 never does"),
    Number<&Patch::bits, &Params::bits>(
        "bits", "Bits of a channel of the result, 8 or 16"),
};

}  // namespace

RenderDraft Merge(RenderDraft base, const RenderDraft& over) {
  // An `init` that is no file takes the file of an earlier one away.
  if (over.patch.init.has_value()) base.init = over.init;
  base.patch = Merge(std::move(base.patch), over.patch);
  if (over.content.has_value()) base.content = over.content;
  if (over.styles.has_value()) base.styles = over.styles;
  if (over.style_masks.has_value()) base.style_masks = over.style_masks;
  if (over.style_regions.has_value()) base.style_regions = over.style_regions;
  if (over.weights.has_value()) base.weights = over.weights;
  return base;
}

absl::Span<const Parameter> AllParameters() { return kParameters; }

const Parameter* FindParameter(absl::string_view name) {
  for (const Parameter& parameter : kParameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

std::string Flag(const Parameter& parameter) {
  return absl::StrCat("--", absl::StrReplaceAll(parameter.name, {{"_", "-"}}));
}

absl::Status ParseParameter(const Parameter& parameter, absl::string_view text,
                            RenderDraft& into) {
  return parameter.parse(parameter, text, into);
}

void ResolvePaths(const std::string& folder, RenderDraft& draft) {
  const auto absolute = [&](const std::string& path) {
    return (std::filesystem::path(folder) / path).lexically_normal().string();
  };
  const auto resolve = [&](std::optional<std::string>& path) {
    if (path.has_value()) path = absolute(*path);
  };
  resolve(draft.content);
  for (auto* list : {&draft.styles, &draft.style_masks, &draft.style_regions}) {
    if (!list->has_value()) continue;
    for (std::string& path : **list) {
      if (!path.empty()) path = absolute(path);
    }
  }
  resolve(draft.init);
  if (draft.weights.has_value() && !IsNetworkName(*draft.weights)) {
    resolve(draft.weights);
  }
}

}  // namespace atelier
