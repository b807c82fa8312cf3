// The style term of losses that read moments of features, by the styles' masks.
#ifndef ATELIER_WORKER_ENGINE_MOMENT_STYLE_TERM_H_
#define ATELIER_WORKER_ENGINE_MOMENT_STYLE_TERM_H_

#include <memory>

#include "common/render/params.h"
#include "worker/engine/moment_loss.h"
#include "worker/engine/term.h"

namespace atelier::engine {

/// REQUIRES: `options` reads the style layers' Gram matrices, and their sums
///           where `loss` reads means.
std::unique_ptr<Term> MakeMomentStyleTerm(std::unique_ptr<MomentLoss> loss,
                                          const RenderParams& params,
                                          const NetworkOptions& options);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_MOMENT_STYLE_TERM_H_
