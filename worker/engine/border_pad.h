// A border of one pixel, with a gradient that is the same on every run.
#ifndef ATELIER_WORKER_ENGINE_BORDER_PAD_H_
#define ATELIER_WORKER_ENGINE_BORDER_PAD_H_

#include <ATen/core/Tensor.h>

#include "common/render/params.h"

namespace atelier::engine {

/// [n, c, h, w] to [n, c, h+2, w+2]: the border has the values of the edge
/// (kReplicate), or of the row or column beside it (kReflect). Torch's own add
/// their gradients on CUDA in an order that changes from run to run; this one's
/// order is fixed. REQUIRES: kReflect, with h and w at least 2, or kReplicate.
at::Tensor PadBorder(const at::Tensor& input, Padding padding);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BORDER_PAD_H_
