// Reflection by one pixel, with a gradient that is the same on every run.
#ifndef ATELIER_WORKER_ENGINE_REFLECTION_PAD_H_
#define ATELIER_WORKER_ENGINE_REFLECTION_PAD_H_

#include <ATen/core/Tensor.h>

namespace atelier::engine {

/// [n, c, h, w] to [n, c, h+2, w+2]; the border mirrors the second row or
/// column. Torch's reflection_pad2d adds its gradient on CUDA in an order that
/// changes from run to run; this one's order is fixed.
/// REQUIRES: h and w at least 2.
at::Tensor ReflectionPad(const at::Tensor& input);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_REFLECTION_PAD_H_
