// Coarse to fine: the sizes a render goes through, and pictures resized.
#ifndef ATELIER_WORKER_ENGINE_SCALES_H_
#define ATELIER_WORKER_ENGINE_SCALES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace atelier::engine {

struct Scale {
  int64_t height = 0;
  int64_t width = 0;
  int64_t factor = 1;  ///< How many times smaller than the last one.
  int end = 0;         ///< Iterations of the render when this one is done.
};

/// Coarsest first; the last is height x width. Each scale has half the sides of
/// the next, rounded to nearest.
///
/// Each scale but the last takes an equal share of the iterations, at most
/// kMostCoarseFromNoise or kMostCoarseFromPicture. So budgets that are large
/// enough differ only in the last scale, and the longer render can go on from
/// the shorter one's end. Errors: InvalidArgument (scales less than 1, or more
/// than there are
///         iterations or halvings of the longer side).
absl::StatusOr<std::vector<Scale>> PlanScales(int64_t height, int64_t width,
                                              int scales, int iterations,
                                              bool from_noise);

inline constexpr int kMostCoarseFromNoise = 100;
/// Fewer: what a picture gains at a coarse scale it gains soon, and keeps a
/// part of.
inline constexpr int kMostCoarseFromPicture = 30;

/// The picture a whole number of times smaller: the mean of each area. The same
/// picture for a factor of 1.
/// Shapes: [n, c, h, w]; sides are rounded to nearest, at least 1. May throw
/// what Torch throws.
at::Tensor Shrink(const at::Tensor& picture, int64_t factor);

/// Bicubic. May throw what Torch throws.
at::Tensor Enlarge(const at::Tensor& picture, int64_t height, int64_t width);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SCALES_H_
