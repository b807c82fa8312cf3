// Pictures resized from scale to scale (common/render/scale_plan.h).
#ifndef ATELIER_WORKER_ENGINE_SCALES_H_
#define ATELIER_WORKER_ENGINE_SCALES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace atelier::engine {

/// The picture a whole number of times smaller: the mean of each area. The same
/// picture for a factor of 1.
/// Shapes: [n, c, h, w]; sides are rounded to nearest, at least 1. May throw
/// what Torch throws.
at::Tensor Shrink(const at::Tensor& picture, int64_t factor);

/// Bicubic. May throw what Torch throws.
at::Tensor Enlarge(const at::Tensor& picture, int64_t height, int64_t width);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SCALES_H_
