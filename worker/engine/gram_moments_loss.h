// Gram matrices with means and deviations of channels: Galerne, Raad, Lezama
// and Morel, "Scaling Painting Style Transfer", EGSR 2024.
#ifndef ATELIER_WORKER_ENGINE_GRAM_MOMENTS_LOSS_H_
#define ATELIER_WORKER_ENGINE_GRAM_MOMENTS_LOSS_H_

#include <memory>

#include "common/render/convention.h"
#include "worker/engine/moment_loss.h"

namespace atelier::engine {

/// With G the second moment, mu the mean and sigma² = diag G - mu²:
/// gram/C² sum (G - Gs)² + mean/C sum (mu - mus)² +
/// deviation/C sum (sigma - sigmas)². A channel that does not vary more than
/// float32 can tell has no gradient of its sigma.
std::unique_ptr<MomentLoss> MakeGramMomentsLoss(const MomentWeights& weights);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_GRAM_MOMENTS_LOSS_H_
