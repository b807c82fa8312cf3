// The sliced Wasserstein distance: Heitz, Vanhoey, Chambon and Belcour, "A
// Sliced Wasserstein Loss for Neural Texture Synthesis", CVPR 2021.
#ifndef ATELIER_WORKER_ENGINE_SLICED_WASSERSTEIN_LOSS_H_
#define ATELIER_WORKER_ENGINE_SLICED_WASSERSTEIN_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "worker/engine/feature_loss.h"

namespace atelier::engine {

/// Along each of as many random directions as there are channels, features are
/// projected and sorted; the loss is the mean squared difference of the sorted
/// values.
std::unique_ptr<FeatureLoss> MakeSlicedWassersteinLoss();

// Its parts.

/// `count` rows of length 1, of no preferred direction: [count, channels].
at::Tensor DrawDirections(int64_t count, int64_t channels, uint64_t seed);

/// The sorted projections of `style` [c, m] along `directions` [k, c], at
/// `positions` places: value floor((i + 0.5) m / positions) is the i-th.
/// Shapes: [k, positions].
at::Tensor SortedProjections(const at::Tensor& style,
                             const at::Tensor& directions, int64_t positions);

/// Shapes: features [n, c, positions], directions [k, c], target from
///         SortedProjections.
LossAndGradient SlicedWassersteinLoss(const at::Tensor& features,
                                      const at::Tensor& directions,
                                      const at::Tensor& target,
                                      bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SLICED_WASSERSTEIN_LOSS_H_
