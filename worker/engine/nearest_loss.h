// Nearest neighbours: Kolkin, Kucera, Paris, Sykora, Shechtman and
// Shakhnarovich, "Neural Neighbor Style Transfer", 2022; the loss of its last
// phase.
#ifndef ATELIER_WORKER_ENGINE_NEAREST_LOSS_H_
#define ATELIER_WORKER_ENGINE_NEAREST_LOSS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "worker/engine/feature_loss.h"

namespace atelier::engine {

/// The most positions of a layer that are compared, of the image and of the
/// style; more are drawn from, evenly spread.
inline constexpr int64_t kMostNearestPositions = 4096;

/// The mean over positions of the cosine distance to the nearest position of
/// the style, both less their own channels' means.
std::unique_ptr<FeatureLoss> MakeNearestLoss();

// Its parts.

/// `count` of [0, `of`), ascending: one of each of as many equal parts. All,
/// where there are no more.
std::vector<int64_t> DrawPositions(int64_t count, int64_t of, uint64_t seed);

/// The style's positions less their mean, each of length 1: [c, m].
at::Tensor NearestTarget(const at::Tensor& style);

/// Of all positions. Shapes: features [n, c, positions], target [c, m].
LossAndGradient NearestLoss(const at::Tensor& features,
                            const at::Tensor& target, bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_NEAREST_LOSS_H_
