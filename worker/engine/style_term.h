// The distance to the styles, by the loss that a render names.
#ifndef ATELIER_WORKER_ENGINE_STYLE_TERM_H_
#define ATELIER_WORKER_ENGINE_STYLE_TERM_H_

#include <memory>

#include "common/render/convention.h"
#include "common/render/params.h"
#include "worker/engine/term.h"

namespace atelier::engine {

/// The sum over styles of blend times the term that the style alone would have:
/// one without masks, of blend 1, is the convention's own.
extern const TermKind kStyleTerm;

/// What a layer's loss is multiplied by before the layers are summed.
double LayerFactor(const StyleReduction& how, int layers);

// Where the losses come in.

/// Of a loss of moments (moment_loss.h), or of none. A new one: its file, and a
/// branch.
std::unique_ptr<class MomentLoss> MakeMomentLoss(const RenderParams& params);
/// Of a loss of features (feature_loss.h), or of none.
std::unique_ptr<class FeatureLoss> MakeFeatureLoss(const RenderParams& params);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STYLE_TERM_H_
