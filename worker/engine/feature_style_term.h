// The style term of losses that read features. It knows no masks.
#ifndef ATELIER_WORKER_ENGINE_FEATURE_STYLE_TERM_H_
#define ATELIER_WORKER_ENGINE_FEATURE_STYLE_TERM_H_

#include <memory>

#include "common/render/params.h"
#include "worker/engine/feature_loss.h"
#include "worker/engine/term.h"

namespace atelier::engine {

/// What is drawn comes from params.seed, the number of the draw and the layer:
/// nothing of it needs to be kept. REQUIRES: `options` has the style layers as
/// taps.
std::unique_ptr<Term> MakeFeatureStyleTerm(std::unique_ptr<FeatureLoss> loss,
                                           const RenderParams& params,
                                           const NetworkOptions& options);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_FEATURE_STYLE_TERM_H_
