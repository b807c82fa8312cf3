#include "coordinator/core/canonical.h"

#include <charconv>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/render/convention.h"

namespace atelier {
namespace {

std::string Shortest(double value) {
  if (value == 0) value = 0;  // -0 renders the same picture as 0.
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  return std::string(text, end);
}

std::string Layers(const std::vector<LayerWeight>& layers) {
  std::string text = absl::StrCat(layers.size());
  for (const LayerWeight& layer : layers) {
    absl::StrAppend(&text, " ", layer.tap.size(), ":", layer.tap, "*",
                    Shortest(layer.weight));
  }
  return text;
}

std::string Style(const StyleInput& style) {
  std::string text = style.picture;
  if (style.blend != 1) absl::StrAppend(&text, "*", Shortest(style.blend));
  if (!style.mask.empty()) absl::StrAppend(&text, " mask ", style.mask);
  if (!style.region.empty()) absl::StrAppend(&text, " region ", style.region);
  return text;
}

void Line(std::string& text, absl::string_view field, absl::string_view value) {
  absl::StrAppend(&text, field, "=", value, "\n");
}

// Without iterations: what renders on one way to a picture have in common.
std::string Describe(const Render& render, bool with_iterations) {
  const RenderParams& params = render.params;
  std::string text;
  Line(text, "algorithm", absl::StrCat(kRenderAlgorithmVersion));
  Line(text, "content", render.inputs.content);
  Line(text, "style",
       absl::StrJoin(render.inputs.styles, ", ",
                     [](std::string* out, const StyleInput& style) {
                       out->append(Style(style));
                     }));
  Line(text, "init_image", render.inputs.init);
  Line(text, "weights", render.inputs.weights);
  Line(text, "convention", Name(params.convention));
  Line(text, "size_px", absl::StrCat(params.size_px));
  if (with_iterations) {
    Line(text, "iterations", absl::StrCat(params.iterations));
  }
  Line(text, "optimizer", Name(params.optimizer));
  Line(text, "learning_rate", Shortest(params.learning_rate));
  Line(text, "lbfgs_history", absl::StrCat(params.lbfgs_history));
  Line(text, "content_weight", Shortest(params.content_weight));
  Line(text, "style_weight", Shortest(params.style_weight));
  Line(text, "tv_weight", Shortest(params.tv_weight));
  Line(text, "content_layers", Layers(params.content_layers));
  Line(text, "style_layers", Layers(params.style_layers));
  Line(text, "init", Name(params.init));
  Line(text, "pooling", Name(params.pooling));
  Line(text, "seed", absl::StrCat(params.seed));
  const RenderParams usual;
  if (params.style_scale != usual.style_scale) {
    Line(text, "style_scale", Shortest(params.style_scale));
  }
  if (params.colors != usual.colors) Line(text, "colors", Name(params.colors));
  if (params.scales != usual.scales) {
    Line(text, "scales", absl::StrCat(params.scales));
  }
  if (params.least_progress != usual.least_progress) {
    Line(text, "least_progress", Shortest(params.least_progress));
  }
  if (params.bits != usual.bits) Line(text, "bits", absl::StrCat(params.bits));
  return text;
}

}  // namespace

std::string CanonicalDescription(const Render& render) {
  return Describe(render, /*with_iterations=*/true);
}

RenderKey KeyOf(const Render& render) {
  return RenderKey(HexDigest(CanonicalDescription(render)));
}

ResumeKey ResumeKeyOf(const Render& render) {
  return ResumeKey(HexDigest(Describe(render, /*with_iterations=*/false)));
}

}  // namespace atelier
