#include "common/rpc/render_conversion.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/render/convention.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// The wire's enums count from 1 in the order of ours; 0 is "unspecified".
template <typename Ours, typename Wire>
absl::StatusOr<Ours> EnumFromProto(absl::string_view field, Wire value,
                                   Ours last) {
  const int index = static_cast<int>(value) - 1;
  if (index >= 0 && index <= static_cast<int>(last)) {
    return static_cast<Ours>(index);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": value ", static_cast<int>(value),
                   " is unknown; allowed: 1 to ", static_cast<int>(last) + 1));
}

template <typename Wire, typename Ours>
Wire EnumToProto(Ours value) {
  return static_cast<Wire>(static_cast<int>(value) + 1);
}

std::vector<LayerWeight> LayersFromProto(const v1::LayerList& list) {
  std::vector<LayerWeight> layers;
  for (const v1::LayerWeight& layer : list.layers()) {
    layers.push_back({layer.tap(), layer.has_weight() ? layer.weight() : 1.0});
  }
  return layers;
}

void LayersToProto(const std::vector<LayerWeight>& layers,
                   v1::LayerList* list) {
  list->clear_layers();
  for (const LayerWeight& layer : layers) {
    v1::LayerWeight* out = list->add_layers();
    out->set_tap(layer.tap);
    out->set_weight(layer.weight);
  }
}

template <typename Wire, typename Ours>
absl::Status OptionalEnumFromProto(absl::string_view field, bool present,
                                   Wire value, Ours last,
                                   std::optional<Ours>* out) {
  if (!present) return absl::OkStatus();
  ASSIGN_OR_RETURN(*out, EnumFromProto(field, value, last));
  return absl::OkStatus();
}

absl::Status EnumsFromProto(const v1::RenderSpec& spec, RenderPatch* patch) {
  RETURN_IF_ERROR(OptionalEnumFromProto("convention", spec.has_convention(),
                                        spec.convention(), Convention::kGatys,
                                        &patch->convention));
  RETURN_IF_ERROR(OptionalEnumFromProto("optimizer", spec.has_optimizer(),
                                        spec.optimizer(), Optimizer::kAdam,
                                        &patch->optimizer));
  RETURN_IF_ERROR(OptionalEnumFromProto("init", spec.has_init(), spec.init(),
                                        Initialisation::kImage, &patch->init));
  RETURN_IF_ERROR(OptionalEnumFromProto("colors", spec.has_colors(),
                                        spec.colors(), Colors::kMatch,
                                        &patch->colors));
  return OptionalEnumFromProto("pooling", spec.has_pooling(), spec.pooling(),
                               Pooling::kAverage, &patch->pooling);
}

// A list without entries is one that is absent.
template <typename Wire, typename Ours>
void ListFromProto(const Wire& wire, std::optional<std::vector<Ours>>& list) {
  if (!wire.empty()) list.emplace(wire.begin(), wire.end());
}

template <typename Wire, typename Ours>
void ListToProto(const std::optional<std::vector<Ours>>& list, Wire* wire) {
  if (list.has_value()) wire->Assign(list->begin(), list->end());
}

void StylesToPatch(const std::vector<StyleInput>& styles, RenderPatch& patch) {
  if (styles.empty()) return;
  patch.style_digests.emplace();
  patch.style_blend.emplace();
  for (const StyleInput& style : styles) {
    patch.style_digests->push_back(style.picture);
    patch.style_blend->push_back(style.blend);
    if (!style.mask.empty()) patch.style_mask_digests.emplace();
    if (!style.region.empty()) patch.style_region_digests.emplace();
  }
  for (const StyleInput& style : styles) {
    if (patch.style_mask_digests.has_value()) {
      patch.style_mask_digests->push_back(style.mask);
    }
    if (patch.style_region_digests.has_value()) {
      patch.style_region_digests->push_back(style.region);
    }
  }
}

// Of a list that a resolved render may have: absent, or one for each style.
template <typename T>
absl::Status SpreadOverStyles(absl::string_view field,
                              const std::optional<std::vector<T>>& list,
                              T StyleInput::*into,
                              std::vector<StyleInput>& styles) {
  if (!list.has_value()) return absl::OkStatus();
  if (list->size() != styles.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", list->size(), " given for ", styles.size(),
                     " styles; a resolved render has one for each"));
  }
  for (size_t i = 0; i < styles.size(); ++i) styles[i].*into = (*list)[i];
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StyleInput>> StylesFromPatch(
    const RenderPatch& patch) {
  std::vector<StyleInput> styles;
  if (patch.style_digests.has_value()) {
    styles.resize(patch.style_digests->size());
  }
  RETURN_IF_ERROR(SpreadOverStyles("style_digests", patch.style_digests,
                                   &StyleInput::picture, styles));
  RETURN_IF_ERROR(SpreadOverStyles("style_blend", patch.style_blend,
                                   &StyleInput::blend, styles));
  RETURN_IF_ERROR(SpreadOverStyles("style_mask_digests",
                                   patch.style_mask_digests, &StyleInput::mask,
                                   styles));
  RETURN_IF_ERROR(SpreadOverStyles("style_region_digests",
                                   patch.style_region_digests,
                                   &StyleInput::region, styles));
  return styles;
}

// Takes a field that a resolved render must have.
template <typename T>
absl::Status Take(absl::string_view field, std::optional<T>& from, T& into) {
  if (!from.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": missing; a resolved render has every field"));
  }
  into = *std::move(from);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RenderPatch> FromProto(const v1::RenderSpec& spec) {
  RenderPatch patch;
  if (spec.has_content_digest()) patch.content_digest = spec.content_digest();
  ListFromProto(spec.style_digests(), patch.style_digests);
  ListFromProto(spec.style_blend(), patch.style_blend);
  ListFromProto(spec.style_mask_digests(), patch.style_mask_digests);
  ListFromProto(spec.style_region_digests(), patch.style_region_digests);
  if (spec.has_init_digest()) patch.init_digest = spec.init_digest();
  if (spec.has_weights_digest()) patch.weights_digest = spec.weights_digest();
  if (spec.has_size_px()) patch.size_px = spec.size_px();
  if (spec.has_iterations()) patch.iterations = spec.iterations();
  if (spec.has_learning_rate()) patch.learning_rate = spec.learning_rate();
  if (spec.has_lbfgs_history()) patch.lbfgs_history = spec.lbfgs_history();
  if (spec.has_content_weight()) patch.content_weight = spec.content_weight();
  if (spec.has_style_weight()) patch.style_weight = spec.style_weight();
  if (spec.has_tv_weight()) patch.tv_weight = spec.tv_weight();
  if (spec.has_content_layers()) {
    patch.content_layers = LayersFromProto(spec.content_layers());
  }
  if (spec.has_style_layers()) {
    patch.style_layers = LayersFromProto(spec.style_layers());
  }
  if (spec.has_seed()) patch.seed = spec.seed();
  if (spec.has_style_scale()) patch.style_scale = spec.style_scale();
  if (spec.has_scales()) patch.scales = spec.scales();
  if (spec.has_least_progress()) patch.least_progress = spec.least_progress();
  if (spec.has_bits()) patch.bits = spec.bits();
  RETURN_IF_ERROR(EnumsFromProto(spec, &patch));
  return patch;
}

v1::RenderSpec ToProto(const RenderPatch& patch) {
  v1::RenderSpec spec;
  if (patch.content_digest) spec.set_content_digest(*patch.content_digest);
  ListToProto(patch.style_digests, spec.mutable_style_digests());
  ListToProto(patch.style_blend, spec.mutable_style_blend());
  ListToProto(patch.style_mask_digests, spec.mutable_style_mask_digests());
  ListToProto(patch.style_region_digests, spec.mutable_style_region_digests());
  if (patch.init_digest) spec.set_init_digest(*patch.init_digest);
  if (patch.weights_digest) spec.set_weights_digest(*patch.weights_digest);
  if (patch.convention) {
    spec.set_convention(EnumToProto<v1::Convention>(*patch.convention));
  }
  if (patch.size_px) spec.set_size_px(*patch.size_px);
  if (patch.iterations) spec.set_iterations(*patch.iterations);
  if (patch.optimizer) {
    spec.set_optimizer(EnumToProto<v1::Optimizer>(*patch.optimizer));
  }
  if (patch.learning_rate) spec.set_learning_rate(*patch.learning_rate);
  if (patch.lbfgs_history) spec.set_lbfgs_history(*patch.lbfgs_history);
  if (patch.content_weight) spec.set_content_weight(*patch.content_weight);
  if (patch.style_weight) spec.set_style_weight(*patch.style_weight);
  if (patch.tv_weight) spec.set_tv_weight(*patch.tv_weight);
  if (patch.content_layers) {
    LayersToProto(*patch.content_layers, spec.mutable_content_layers());
  }
  if (patch.style_layers) {
    LayersToProto(*patch.style_layers, spec.mutable_style_layers());
  }
  if (patch.init) spec.set_init(EnumToProto<v1::Initialisation>(*patch.init));
  if (patch.pooling) {
    spec.set_pooling(EnumToProto<v1::Pooling>(*patch.pooling));
  }
  if (patch.seed) spec.set_seed(*patch.seed);
  if (patch.style_scale) spec.set_style_scale(*patch.style_scale);
  if (patch.colors) spec.set_colors(EnumToProto<v1::Colors>(*patch.colors));
  if (patch.scales) spec.set_scales(*patch.scales);
  if (patch.least_progress) spec.set_least_progress(*patch.least_progress);
  if (patch.bits) spec.set_bits(*patch.bits);
  return spec;
}

v1::RenderSpec ToProto(const Render& render) {
  const RenderParams& params = render.params;
  RenderPatch patch;
  patch.content_digest = render.inputs.content;
  StylesToPatch(render.inputs.styles, patch);
  if (!render.inputs.init.empty()) patch.init_digest = render.inputs.init;
  patch.weights_digest = render.inputs.weights;
  patch.convention = params.convention;
  patch.size_px = params.size_px;
  patch.iterations = params.iterations;
  patch.optimizer = params.optimizer;
  patch.learning_rate = params.learning_rate;
  patch.lbfgs_history = params.lbfgs_history;
  patch.content_weight = params.content_weight;
  patch.style_weight = params.style_weight;
  patch.tv_weight = params.tv_weight;
  patch.content_layers = params.content_layers;
  patch.style_layers = params.style_layers;
  patch.init = params.init;
  patch.pooling = params.pooling;
  patch.seed = params.seed;
  patch.style_scale = params.style_scale;
  patch.colors = params.colors;
  patch.scales = params.scales;
  patch.least_progress = params.least_progress;
  patch.bits = params.bits;
  return ToProto(patch);
}

absl::StatusOr<Render> ResolvedFromProto(const v1::RenderSpec& spec) {
  ASSIGN_OR_RETURN(RenderPatch patch, FromProto(spec));
  Render render;
  RenderParams& params = render.params;
  RETURN_IF_ERROR(
      Take("content_digest", patch.content_digest, render.inputs.content));
  RETURN_IF_ERROR(
      Take("weights_digest", patch.weights_digest, render.inputs.weights));
  ASSIGN_OR_RETURN(render.inputs.styles, StylesFromPatch(patch));
  render.inputs.init = patch.init_digest.value_or("");
  RETURN_IF_ERROR(Take("convention", patch.convention, params.convention));
  RETURN_IF_ERROR(Take("size_px", patch.size_px, params.size_px));
  RETURN_IF_ERROR(Take("iterations", patch.iterations, params.iterations));
  RETURN_IF_ERROR(Take("optimizer", patch.optimizer, params.optimizer));
  RETURN_IF_ERROR(
      Take("learning_rate", patch.learning_rate, params.learning_rate));
  RETURN_IF_ERROR(
      Take("lbfgs_history", patch.lbfgs_history, params.lbfgs_history));
  RETURN_IF_ERROR(
      Take("content_weight", patch.content_weight, params.content_weight));
  RETURN_IF_ERROR(
      Take("style_weight", patch.style_weight, params.style_weight));
  RETURN_IF_ERROR(Take("tv_weight", patch.tv_weight, params.tv_weight));
  RETURN_IF_ERROR(
      Take("content_layers", patch.content_layers, params.content_layers));
  RETURN_IF_ERROR(
      Take("style_layers", patch.style_layers, params.style_layers));
  RETURN_IF_ERROR(Take("init", patch.init, params.init));
  RETURN_IF_ERROR(Take("pooling", patch.pooling, params.pooling));
  RETURN_IF_ERROR(Take("seed", patch.seed, params.seed));
  RETURN_IF_ERROR(Take("style_scale", patch.style_scale, params.style_scale));
  RETURN_IF_ERROR(Take("colors", patch.colors, params.colors));
  RETURN_IF_ERROR(Take("scales", patch.scales, params.scales));
  RETURN_IF_ERROR(
      Take("least_progress", patch.least_progress, params.least_progress));
  RETURN_IF_ERROR(Take("bits", patch.bits, params.bits));
  return render;
}

absl::StatusOr<NetworkDescription> FromProto(
    const v1::NetworkDescription& proto) {
  NetworkDescription network;
  network.name = proto.name();
  network.weights_digest = proto.weights_digest();
  network.architecture = proto.architecture();
  network.preprocessing = proto.preprocessing();
  ASSIGN_OR_RETURN(network.padding, EnumFromProto("padding", proto.padding(),
                                                  Padding::kReflect));
  ASSIGN_OR_RETURN(network.pooling, EnumFromProto("pooling", proto.pooling(),
                                                  Pooling::kAverage));
  for (int b = 0; b < proto.blocks_size(); ++b) {
    const auto& channels = proto.blocks(b).channels();
    network.blocks.emplace_back(channels.begin(), channels.end());
    if (channels.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("blocks[", b, "]: empty; at least one convolution"));
    }
    for (int count : channels) {
      if (count < 1 || count > 65536) {
        return absl::InvalidArgumentError(
            absl::StrCat("blocks[", b, "].channels: ", count,
                         " is not allowed; from 1 to 65536"));
      }
    }
  }
  if (network.blocks.empty()) {
    return absl::InvalidArgumentError("blocks: empty; at least one block");
  }
  return network;
}

v1::NetworkDescription ToProto(const NetworkDescription& network) {
  v1::NetworkDescription proto;
  proto.set_name(network.name);
  proto.set_weights_digest(network.weights_digest);
  proto.set_architecture(network.architecture);
  proto.set_preprocessing(network.preprocessing);
  proto.set_padding(EnumToProto<v1::Padding>(network.padding));
  proto.set_pooling(EnumToProto<v1::Pooling>(network.pooling));
  for (const std::vector<int>& block : network.blocks) {
    v1::NetworkDescription::Block* out = proto.add_blocks();
    out->mutable_channels()->Add(block.begin(), block.end());
  }
  return proto;
}

}  // namespace atelier
