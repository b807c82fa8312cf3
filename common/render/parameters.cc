#include "common/render/parameters.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace atelier {
namespace {

using Patch = RenderPatch;
using Params = RenderParams;
using Inputs = RenderInputs;
using Texts = StyleMember<std::string>;

// Members of what RenderPatch and RenderParams are made from, as theirs.
template <typename T, typename Optional, typename Plain>
constexpr Member<T> In(std::optional<T> Optional::*given, T Plain::*value) {
  return {given, value};
}

using Doubles = std::numeric_limits<double>;
constexpr Range kNone = {};  // Of what is no number.
constexpr Range kWeight = {0, Doubles::max(), "a finite number, at least 0"};
constexpr Range kAboveZeroToMillion = {Doubles::min(), 1e6,
                                       "greater than 0, at most 1e6"};
constexpr Range kAboveZeroToSixteen = {Doubles::denorm_min(), 16,
                                       "greater than 0, at most 16"};
constexpr Range kBelowOne = {0, 1 - Doubles::epsilon() / 2,
                             "at least 0, less than 1"};
constexpr Range kAnySeed = {0, 0x1p64, "a whole number, at least 0"};
constexpr Range kEightOrSixteen = {8, 16, "8 or 16", nullptr, 8};
constexpr Range kSize = {0, 0, {}, &RenderLimits::max_size_px};
constexpr Range kIterations = {1, 0, {}, &RenderLimits::max_iterations};

constexpr InKey kAlways = {};
constexpr InKey kNotInKey = {false};
constexpr InKey Before(absl::string_view value, absl::string_view label = {}) {
  return {true, value, label};
}
constexpr InKey Labelled(absl::string_view label) {
  return {true, std::nullopt, label};
}

template <typename Member>
bool IsShorthand(const Member& /*member*/) {
  return false;
}
template <typename T>
bool IsShorthand(const Shorthand<T>& /*member*/) {
  return true;
}

bool Always(const Render& /*render*/) { return true; }
bool HasStyles(const Render& render) { return !render.inputs.styles.empty(); }
bool UsesLbfgs(const Render& render) {
  return render.params.optimizer == Optimizer::kLbfgs;
}
bool UsesSeed(const Render& render) {
  return render.params.init == Initialisation::kNoise ||
         IsDrawn(render.params.style_loss);
}

// clang-format off: one column below the other.
constexpr Parameter kFields[] = {
    {"content", "content_digest", 1,
     FileMember{&Patch::content_digest, &Inputs::content}, kNone,
     Labelled("content"), "FILE",
     "Picture to repaint; gives the result its size"},
    {"style", "style_digests", 2,
     Texts{&Patch::style_digests, &StyleInput::picture}, kNone,
     Labelled("style"), "FILE",
     "Picture whose manner is borrowed; give several to blend them"},
    {"style_blend",
     "style_blend",
     19,
     StyleMember<double>{&Patch::style_blend, &StyleInput::blend},
     {0, 1e6, "each from 0 to 1e6"},
     Before("1", "*"),
     "N,N",
     "Shares of the styles, in their order; equal when not given",
     "equal"},
    {"style_mask", "style_mask_digests", 20,
     Texts{&Patch::style_mask_digests, &StyleInput::mask}, kNone,
     Before("", " mask "), "FILE|none",
     "Grey picture over the content: white where the style applies; one for "
     "each style, in their order",
     "everywhere", nullptr, FileKind::kMask},
    {"style_region", "style_region_digests", 21,
     Texts{&Patch::style_region_digests, &StyleInput::region}, kNone,
     Before("", " region "), "FILE|none",
     "Grey picture over the style: white where its manner is taken from; one "
     "for each style, in their order",
     "all of it", nullptr, FileKind::kMask},
    {"style_scale",
     "style_scale",
     22,
     In(&Patch::style_scale, &Params::style_scale),
     kAboveZeroToSixteen,
     Before("1"),
     "N",
     "Longer side of the style picture, times the size",
     {},
     HasStyles},
    {"colors",
     "colors",
     23,
     In(&Patch::colors, &Params::colors),
     kNone,
     Before("style"),
     "NAME",
     "Whose colours the result has: style, original (the content's) or match "
     "(the style, matched to the content's first)",
     {},
     Always},
    {"preset", "preset", 29, Shorthand<Preset>{&Patch::preset}, kNone,
     kNotInKey, "NAME",
     "How much is done for the picture, where other parameters do not say it: "
     "published, fast or fine",
     "fast (studies: published)"},
    {"size", "size_px", 6, In(&Patch::size_px, &Params::size_px), kSize,
     kAlways, "N", "Longer side of the result in pixels; 0 keeps the content's",
     "512 (studies: 224)"},
    {"iterations", "iterations", 7, In(&Patch::iterations, &Params::iterations),
     kIterations, kAlways, "N", "Evaluations of loss and gradient",
     "the preset's (studies: 150)"},
    {"convention", "convention", 5, In(&Patch::convention, &Params::convention),
     kNone, kAlways, "NAME",
     "Definition of the losses: pytorch-tutorial, gordicaleksa, "
     "neural-style, gatys, spst or crowson"},
    {"content_weight", "content_weight", 11,
     In(&Patch::content_weight, &Params::content_weight), kWeight, kAlways, "N",
     "Weight of the content term; 0 turns it off", "the convention's"},
    {"style_weight", "style_weight", 12,
     In(&Patch::style_weight, &Params::style_weight), kWeight, kAlways, "N",
     "Weight of the style term; 0 turns it off", "the convention's"},
    {"tv_weight", "tv_weight", 13, In(&Patch::tv_weight, &Params::tv_weight),
     kWeight, kAlways, "N", "Weight of total variation; 0 turns it off",
     "the convention's"},
    {"content_layers", "content_layers", 14,
     In(&Patch::content_layers, &Params::content_layers), kNone, kAlways,
     "LAYERS", "Layers of the content term: conv4_2 or conv_10",
     "the convention's"},
    {"style_layers", "style_layers", 15,
     In(&Patch::style_layers, &Params::style_layers), kNone, kAlways, "LAYERS",
     "Layers of the style term: conv1_1,conv2_1:0.5 or conv_1-4",
     "the convention's"},
    {"init", "init", 16, In(&Patch::init, &Params::init), kNone, kAlways,
     "content|noise|FILE", "What the picture starts from"},
    {"optimizer", "optimizer", 8, In(&Patch::optimizer, &Params::optimizer),
     kNone, kAlways, "lbfgs|adam", "What minimises the loss"},
    {"learning_rate", "learning_rate", 9,
     In(&Patch::learning_rate, &Params::learning_rate), kAboveZeroToMillion,
     kAlways, "N", "Step size, in units of RGB [0,1]",
     "1 for L-BFGS, 0.02 for Adam"},
    {"lbfgs_history",
     "lbfgs_history",
     10,
     In(&Patch::lbfgs_history, &Params::lbfgs_history),
     {1, 100},
     kAlways,
     "N",
     "Curvature pairs that L-BFGS keeps; when not given 10, over several "
     "scales 40",
     "10; 40 over several scales",
     UsesLbfgs},
    {"pooling", "pooling", 17, In(&Patch::pooling, &Params::pooling), kNone,
     kAlways, "max|avg|l2", "Pooling; the weight file's own when not given",
     "what the weight file says"},
    {"weights", "weights_digest", 4,
     FileMember{&Patch::weights_digest, &Inputs::weights}, kNone,
     Labelled("weights"), "NAME|FILE",
     "Network to look through; see: atelier weights list", "atelier-vgg19-slim",
     nullptr, FileKind::kNetwork},
    {"seed",
     "seed",
     18,
     In(&Patch::seed, &Params::seed),
     kAnySeed,
     kAlways,
     "N",
     "Seed of the noise, and of what a style loss draws",
     {},
     UsesSeed},
    {"scales",
     "scales",
     24,
     In(&Patch::scales, &Params::scales),
     {1, 8, "auto, or from 1 to 8", nullptr, 1, "auto"},
     Before("1"),
     "N|auto",
     "Sizes to render at, coarse to fine, each twice the last; auto: as many "
     "as the picture gains by",
     "the preset's"},
    {"least_progress", "least_progress", 25,
     In(&Patch::least_progress, &Params::least_progress), kBelowOne,
     Before("0"), "N",
     "Stop once 50 iterations gain less than this share; 0 never does",
     "the preset's; 0 with iterations, or a style loss that draws"},
    {"bits",
     "bits",
     26,
     In(&Patch::bits, &Params::bits),
     kEightOrSixteen,
     Before("8"),
     "N",
     "Bits of a channel of the result, 8 or 16",
     {},
     Always},
    {"style_loss", "style_loss", 27,
     In(&Patch::style_loss, &Params::style_loss), kNone, Before("gram"), "NAME",
     "How styles are compared: gram, gram-moments, wasserstein, "
     "sliced-wasserstein or nearest",
     "the convention's"},
    {"resample_every", "resample_every", 28,
     In(&Patch::resample_every, &Params::resample_every), kIterations,
     Before("0"), "N",
     "Iterations between two draws of directions (sliced-wasserstein) or "
     "places "
     "(nearest)",
     "50; 100 with least_progress"},
    // Fields without a flag of their own. This one's is the first `init`.
    {"init",
     "init_digest",
     3,
     FileMember{&Patch::init_digest, &Inputs::init},
     kNone,
     Labelled("init_image"),
     {},
     {}},
};
// clang-format on

}  // namespace

Takes TakesOf(const Parameter& parameter) {
  if (std::holds_alternative<Texts>(parameter.member)) return Takes::kEach;
  const bool is_list =
      std::holds_alternative<StyleMember<double>>(parameter.member) ||
      std::holds_alternative<Member<std::vector<LayerWeight>>>(
          parameter.member);
  return is_list ? Takes::kJoined : Takes::kOne;
}

absl::Span<const Parameter> AllFields() { return kFields; }

absl::Span<const Parameter> AllParameters() {
  static const size_t with_flag =
      std::find_if(
          std::begin(kFields), std::end(kFields),
          [](const Parameter& row) { return row.value_name.empty(); }) -
      std::begin(kFields);
  return AllFields().first(with_flag);
}

absl::Span<const Parameter* const> FieldsByNumber() {
  static const auto* const sorted = [] {
    auto* const rows = new std::vector<const Parameter*>;
    for (const Parameter& row : kFields) rows->push_back(&row);
    std::sort(rows->begin(), rows->end(), [](const auto* a, const auto* b) {
      return a->wire_number < b->wire_number;
    });
    return rows;
  }();
  return *sorted;
}

const Parameter* FindParameter(absl::string_view name) {
  for (const Parameter& row : AllParameters()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const Parameter* FindWireField(absl::string_view wire_name) {
  for (const Parameter& row : kFields) {
    if (row.wire_name == wire_name) return &row;
  }
  return nullptr;
}

bool IsFile(const Parameter& parameter) {
  return std::holds_alternative<FileMember>(parameter.member) ||
         std::holds_alternative<Texts>(parameter.member);
}

bool IsResolved(const Parameter& parameter) {
  return std::visit([](const auto& member) { return !IsShorthand(member); },
                    parameter.member);
}

}  // namespace atelier
