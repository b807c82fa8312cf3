#include "common/render/params.h"

namespace atelier {
namespace {

template <typename T>
void Override(std::optional<T>& base, const std::optional<T>& over) {
  if (over.has_value()) base = over;
}

}  // namespace

bool operator==(const LayerWeight& a, const LayerWeight& b) {
  return a.tap == b.tap && a.weight == b.weight;
}

bool operator==(const StyleInput& a, const StyleInput& b) {
  return a.picture == b.picture && a.blend == b.blend && a.mask == b.mask &&
         a.region == b.region;
}

Render CommonToBatch(Render render) {
  render.params.seed = 0;
  render.params.content_weight = 0;
  render.params.style_weight = 0;
  render.params.tv_weight = 0;
  render.inputs.init.clear();
  return render;
}

RenderPatch Merge(RenderPatch base, const RenderPatch& over) {
  Override(base.content_digest, over.content_digest);
  Override(base.style_digests, over.style_digests);
  Override(base.style_blend, over.style_blend);
  Override(base.style_mask_digests, over.style_mask_digests);
  Override(base.style_region_digests, over.style_region_digests);
  Override(base.init_digest, over.init_digest);
  Override(base.weights_digest, over.weights_digest);
  Override(base.convention, over.convention);
  Override(base.size_px, over.size_px);
  Override(base.iterations, over.iterations);
  Override(base.optimizer, over.optimizer);
  Override(base.learning_rate, over.learning_rate);
  Override(base.lbfgs_history, over.lbfgs_history);
  Override(base.content_weight, over.content_weight);
  Override(base.style_weight, over.style_weight);
  Override(base.tv_weight, over.tv_weight);
  Override(base.content_layers, over.content_layers);
  Override(base.style_layers, over.style_layers);
  Override(base.init, over.init);
  Override(base.pooling, over.pooling);
  Override(base.seed, over.seed);
  Override(base.scales, over.scales);
  Override(base.least_progress, over.least_progress);
  Override(base.style_scale, over.style_scale);
  Override(base.colors, over.colors);
  Override(base.bits, over.bits);
  return base;
}

}  // namespace atelier
