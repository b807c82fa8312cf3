// Loops over activations that oneDNN has no primitive for, whatever the layout:
// planes of pixels, each pixel a block of channels.
#ifndef ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_
#define ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_

#include <cstdint>

#include "common/render/params.h"

namespace atelier::engine {

/// count planes of height x width pixels of block floats, one after another.
struct Planes {
  int64_t count = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t block = 1;
};

/// to[i] = max(from[i], 0); NaN stays.
void Rectify(const float* from, float* to, int64_t values);

/// Where the ReLU lets gradients pass: bit i of signs, from the lowest of each
/// byte, is 0 where activation[i] <= 0. REQUIRES: values divide by 8.
void StoreSigns(const float* activation, uint8_t* signs, int64_t values);

/// The ReLU's gradient: gradient[i] = 0 where bit i of signs is 0.
void ZeroWhereNotPositive(const uint8_t* signs, float* gradient,
                          int64_t values);

/// Fills `padded` from planes that are 2 pixels lower and narrower, with a
/// border of one pixel: the edge's once more (kReplicate), or those beside the
/// edge (kReflect). REQUIRES: one of those; for kReflect, inner planes of at
///           least 2 x 2 pixels.
void PadInto(const Planes& padded, Padding padding, const float* inner,
             float* to);

/// The adjoint: every border pixel is added to the pixel whose values it has.
void FoldBorder(const Planes& padded, Padding padding, const float* from,
                float* inner);

/// values[i] *= factor.
void Multiply(float* values, int64_t count, float factor);

/// Pooling::kL2 of planes; a last odd row or column is dropped.
void PoolRootOfSquares(const Planes& planes, const float* from, float* to);

/// Its gradient: 0 where all four values are, and where none is read. `to` is
/// of the shape of `from`, what was pooled.
void PullThroughRootOfSquares(const Planes& planes, const float* from,
                              const float* gradient, float* to);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_
