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

RenderPatch Merge(RenderPatch base, const RenderPatch& over) {
  Override(base.content_digest, over.content_digest);
  Override(base.style_digest, over.style_digest);
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
  return base;
}

}  // namespace atelier
