// Loops over activations that oneDNN has no primitive for, whatever the layout:
// planes of pixels, each pixel a block of channels.
#ifndef ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_
#define ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_

#include <cstdint>

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

/// Fills `padded` from planes that are 2 pixels lower and narrower: a border of
/// one pixel mirrors the pixel beyond the edge. REQUIRES: the inner planes have
/// at least 2 x 2 pixels.
void ReflectInto(const Planes& padded, const float* inner, float* to);

/// The adjoint: every border pixel is added to the pixel it mirrors.
void FoldReflection(const Planes& padded, const float* from, float* inner);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BLOCKED_PLANES_H_
