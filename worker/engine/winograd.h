// 3x3 convolutions by Winograd's F(4x4, 3x3), on every instruction set.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
// A tile of 4x4 outputs takes 36 products instead of 144. The points are 0,
// +-5/8, +-3/2 and infinity, which round less than the usual 0, +-1, +-2 and
// infinity.
//
// Free of Torch and of oneDNN.
#ifndef ATELIER_WORKER_ENGINE_WINOGRAD_H_
#define ATELIER_WORKER_ENGINE_WINOGRAD_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace atelier::engine {

struct WinogradShape {
  int64_t images = 1;
  int in_channels = 0;   ///< Divides by `block`.
  int out_channels = 0;  ///< Divides by `block`.
  int64_t height = 0;    ///< Of the input.
  int64_t width = 0;
  /// Rows and columns of zeros on every side: the output is larger than the
  /// input by twice these less two.
  int64_t row_padding = 1;
  int64_t column_padding = 1;
  /// Floats of a block of channels, innermost in input and output: 8 or 16.
  int block = 8;
  bool bias = false;
  bool relu = false;  ///< After the bias.
};

/// Calls work(i) for every i in [0, count), on several threads.
using ParallelFor = absl::FunctionRef<void(
    int64_t count, absl::FunctionRef<void(int64_t i)> work)>;

/// The same bytes on every processor with fused multiply-add, however many
/// threads there are. Thread-compatible.
class WinogradConvolution {
 public:
  /// REQUIRES: block is 8 or 16 and divides both numbers of channels.
  WinogradConvolution(const WinogradShape& shape, int threads);

  /// In the whole process. REQUIRES: before anything else of this class.
  static void DisableAvx512();

  /// Output channels side by side in the kernel that Run takes:
  /// [out / kernel_block, 3, 3, in, kernel_block], zeros where `out` ends.
  static int KernelBlock(int block);

  /// The transformed kernel, and for each thread a block of tiles.
  int64_t workspace_bytes() const;

  struct Operands {
    const float* input = nullptr;   ///< [images, in/block, h, w, block].
    float* output = nullptr;        ///< Likewise; not where the input is.
    const float* kernel = nullptr;  ///< See KernelBlock.
    const float* bias = nullptr;    ///< [out]; unused without a bias.
    float* workspace = nullptr;     ///< Best on 64 bytes.
  };
  void Run(ParallelFor parallel_for, const Operands& operands) const;

 private:
  int64_t TransformedKernelFloats() const;

  WinogradShape shape_;
  int threads_;
  int64_t tiles_ = 0;        // Of all images.
  int64_t block_tiles_ = 0;  // What a thread takes at a time.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_WINOGRAD_H_
