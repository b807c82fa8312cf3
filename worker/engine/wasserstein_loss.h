// The squared 2-Wasserstein distance between Gaussians that have the features'
// moments, as crowsonkb/style-transfer-pytorch takes it: Olkin and Pukelsheim,
// "The distance between two random vectors with given dispersion matrices",
// 1982.
#ifndef ATELIER_WORKER_ENGINE_WASSERSTEIN_LOSS_H_
#define ATELIER_WORKER_ENGINE_WASSERSTEIN_LOSS_H_

#include <memory>

#include "worker/engine/moment_loss.h"

namespace atelier::engine {

/// With covariances S = second - mu muᵀ + 1e-4 I:
/// mean (mu - mus)² + tr(S + Ss - 2 (Ss^½ S Ss^½)^½) / C. Roots are by
/// eigenvalues in doubles; on a GPU they wait for it. Exact to rounding; of
/// no more positions than channels, variances below the rounding of float32
/// count as none.
std::unique_ptr<MomentLoss> MakeWassersteinLoss();

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_WASSERSTEIN_LOSS_H_
