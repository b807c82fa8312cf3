#include "common/render/params.h"

namespace atelier {
bool operator==(const LayerWeight& a, const LayerWeight& b) {
  return a.tap == b.tap && a.weight == b.weight;
}

bool operator==(const StyleInput& a, const StyleInput& b) {
  return a.picture == b.picture && a.blend == b.blend && a.mask == b.mask &&
         a.region == b.region;
}

bool IsDrawn(StyleLoss loss) {
  return loss == StyleLoss::kSlicedWasserstein || loss == StyleLoss::kNearest;
}

bool TakesMasks(StyleLoss loss) { return !IsDrawn(loss); }

Render CommonToBatch(Render render) {
  // What is drawn for the loss is drawn for all.
  if (!IsDrawn(render.params.style_loss)) render.params.seed = 0;
  render.params.content_weight = 0;
  render.params.style_weight = 0;
  render.params.tv_weight = 0;
  render.inputs.init.clear();
  return render;
}

}  // namespace atelier
