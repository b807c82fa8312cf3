#include "worker/agent/render_description.h"

#include <vector>

#include "common/render/convention.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using nlohmann::json;

json Layers(const std::vector<LayerWeight>& layers) {
  json list = json::array();
  for (const LayerWeight& layer : layers) {
    list.push_back({{"tap", layer.tap}, {"weight", layer.weight}});
  }
  return list;
}

json Styles(const std::vector<StyleInput>& styles) {
  json list = json::array();
  for (const StyleInput& style : styles) {
    json& out = list.emplace_back(
        json{{"digest", style.picture}, {"blend", style.blend}});
    if (!style.mask.empty()) out["mask_digest"] = style.mask;
    if (!style.region.empty()) out["region_digest"] = style.region;
  }
  return list;
}

void PutDigest(const char* key, const std::string& digest, json* out) {
  if (!digest.empty()) (*out)[key] = digest;
}

}  // namespace

std::string DescribeRender(const Render& render) {
  const RenderParams& params = render.params;
  json out = {
      {"atelier_render", 1},
      {"convention", std::string(Name(params.convention))},
      {"size_px", params.size_px},
      {"iterations", params.iterations},
      {"optimizer", std::string(Name(params.optimizer))},
      {"learning_rate", params.learning_rate},
      {"content_weight", params.content_weight},
      {"style_weight", params.style_weight},
      {"tv_weight", params.tv_weight},
      {"content_layers", Layers(params.content_layers)},
      {"style_layers", Layers(params.style_layers)},
      {"init", std::string(Name(params.init))},
      {"pooling", std::string(Name(params.pooling))},
      {"colors", std::string(Name(params.colors))},
      {"bits", params.bits},
  };
  if (params.optimizer == Optimizer::kLbfgs) {
    out["lbfgs_history"] = params.lbfgs_history;
  }
  if (params.init == Initialisation::kNoise) out["seed"] = params.seed;
  if (params.scales > 1) out["scales"] = params.scales;
  if (params.least_progress > 0) out["least_progress"] = params.least_progress;
  if (!render.inputs.styles.empty()) {
    out["styles"] = Styles(render.inputs.styles);
    out["style_scale"] = params.style_scale;
  }
  PutDigest("content_digest", render.inputs.content, &out);
  PutDigest("init_digest", render.inputs.init, &out);
  PutDigest("weights_digest", render.inputs.weights, &out);
  return out.dump();
}

}  // namespace atelier
