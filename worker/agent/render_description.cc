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
  };
  if (params.optimizer == Optimizer::kLbfgs) {
    out["lbfgs_history"] = params.lbfgs_history;
  }
  if (params.init == Initialisation::kNoise) out["seed"] = params.seed;
  PutDigest("content_digest", render.inputs.content, &out);
  PutDigest("style_digest", render.inputs.style, &out);
  PutDigest("init_digest", render.inputs.init, &out);
  PutDigest("weights_digest", render.inputs.weights, &out);
  return out.dump();
}

}  // namespace atelier
