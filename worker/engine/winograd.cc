#include "worker/engine/winograd.h"

#include <algorithm>
#include <cstdint>

#include "worker/engine/winograd_loops.h"

namespace atelier::engine {
namespace {

using winograd::kPositions;
using winograd::kTile;
using winograd::Padded;

int64_t Over(int64_t a, int64_t b) { return (a + b - 1) / b; }

// What a thread takes at a time. It reads the whole kernel for each block of
// tiles, which takes many of them to be worth it; few channels stay in the
// second-level cache between the steps.
int64_t MostTiles(const WinogradShape& shape) {
  return shape.in_channels + shape.out_channels >= 512 ? 96 : 48;
}

// Floats of a block of tiles, transformed.
int64_t BlockFloats(int channels, int64_t tiles) {
  return kPositions * Padded(channels * tiles);
}

}  // namespace

WinogradConvolution::WinogradConvolution(const WinogradShape& shape,
                                         int threads)
    : shape_(shape), threads_(threads) {
  const int64_t down = Over(shape.height + 2 * shape.row_padding - 2, kTile);
  const int64_t across =
      Over(shape.width + 2 * shape.column_padding - 2, kTile);
  tiles_ = shape.images * down * across;
  // The same for all threads, and whole rows of the product's registers.
  const int64_t rows = winograd::TileRows();
  const int64_t of_thread = Over(tiles_, threads);
  const int64_t rounds = Over(of_thread, MostTiles(shape));
  block_tiles_ = Over(Over(of_thread, rounds), rows) * rows;
}

void WinogradConvolution::DisableAvx512() { winograd::DisableAvx512(); }

int WinogradConvolution::KernelBlock(int block) {
  return winograd::KernelBlock(block);
}

int64_t WinogradConvolution::TransformedKernelFloats() const {
  const int panel = KernelBlock(shape_.block);
  return Over(shape_.out_channels, panel) * kPositions *
         Padded(shape_.in_channels * panel);
}

int64_t WinogradConvolution::workspace_bytes() const {
  const int64_t of_thread = BlockFloats(shape_.in_channels, block_tiles_) +
                            BlockFloats(shape_.out_channels, block_tiles_);
  return (TransformedKernelFloats() + threads_ * of_thread) *
         static_cast<int64_t>(sizeof(float));
}

void WinogradConvolution::Run(ParallelFor parallel_for,
                              const Operands& operands) const {
  float* const kernel = operands.workspace;
  parallel_for(
      Over(shape_.out_channels, KernelBlock(shape_.block)), [&](int64_t panel) {
        winograd::TransformKernel(shape_, operands.kernel, panel, kernel);
      });
  const int64_t of_inputs = BlockFloats(shape_.in_channels, block_tiles_);
  const int64_t of_outputs = BlockFloats(shape_.out_channels, block_tiles_);
  parallel_for(threads_, [&](int64_t thread) {
    winograd::TileRun run{shape_, operands, kernel};
    run.capacity = block_tiles_;
    run.inputs =
        kernel + TransformedKernelFloats() + thread * (of_inputs + of_outputs);
    run.outputs = run.inputs + of_inputs;
    for (run.first = thread * block_tiles_; run.first < tiles_;
         run.first += threads_ * block_tiles_) {
      run.count = std::min(block_tiles_, tiles_ - run.first);
      winograd::Convolve(run);
    }
  });
}

}  // namespace atelier::engine
