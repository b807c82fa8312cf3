#include "common/render/params.h"

namespace atelier {
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

}  // namespace atelier
