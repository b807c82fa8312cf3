// The loops of WinogradConvolution, compiled for each instruction set.
#ifndef ATELIER_WORKER_ENGINE_WINOGRAD_LOOPS_H_
#define ATELIER_WORKER_ENGINE_WINOGRAD_LOOPS_H_

#include <cstdint>

#include "worker/engine/winograd.h"

namespace atelier::engine::winograd {

constexpr int64_t kTile = 4;           // Outputs, on a side.
constexpr int64_t kPositions = 6 * 6;  // Products of a tile.
constexpr int64_t kLine = 16;          // Floats of a cache line.

/// Between positions: not a power of two, which would share cache sets.
inline int64_t Padded(int64_t floats) {
  return (floats + kLine - 1) / kLine * kLine + kLine;
}

/// A run of tiles, all of one convolution, in one thread's memory.
struct TileRun {
  const WinogradShape& shape;
  const WinogradConvolution::Operands& operands;
  const float* kernel;  ///< Transformed.
  int64_t first = 0;
  int64_t count = 0;
  int64_t capacity = 0;      ///< Tiles between blocks of channels.
  float* inputs = nullptr;   ///< [position, in / block, capacity, block].
  float* outputs = nullptr;  ///< [position, out / block, capacity, block].
};

void DisableAvx512();
int KernelBlock(int block);
/// Tiles that are multiplied together.
int TileRows();
/// Transforms one block of output channels, all input channels.
void TransformKernel(const WinogradShape& shape, const float* kernel,
                     int64_t panel, float* transformed);
void Convolve(const TileRun& run);

}  // namespace atelier::engine::winograd

#endif  // ATELIER_WORKER_ENGINE_WINOGRAD_LOOPS_H_
