// Squared differences of Gram matrices: Gatys et al., arXiv:1508.06576,
// equations 3 and 4, reduced as a convention says
// (common/render/convention.h).
#ifndef ATELIER_WORKER_ENGINE_GRAM_LOSS_H_
#define ATELIER_WORKER_ENGINE_GRAM_LOSS_H_

#include <memory>

#include "common/render/convention.h"
#include "worker/engine/moment_loss.h"

namespace atelier::engine {

/// The layer's loss is the sum of (G - Gs)², or their mean over C², times what
/// the convention has over C².
std::unique_ptr<MomentLoss> MakeGramLoss(const StyleReduction& how);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_GRAM_LOSS_H_
