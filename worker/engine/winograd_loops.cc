#include "worker/engine/winograd_loops.h"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "worker/engine/winograd_loops.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace atelier::engine::winograd {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The points a and b of Toom and Cook's polynomials; all exact in binary.
constexpr float kA = 0.625f;
constexpr float kB = 1.5f;
constexpr float kA2 = kA * kA;
constexpr float kB2 = kB * kB;

// Vectors of one block of channels: never wider than that.
template <int kBlock>
using Tag = hn::CappedTag<float, kBlock>;
template <int kBlock>
using Vec = hn::Vec<Tag<kBlock>>;
template <int kBlock>
constexpr int kLanes = static_cast<int>(hn::MaxLanes(Tag<kBlock>()));

// Of the kernel, multiplied with many tiles: 32 KiB.
constexpr int64_t kPanelFloats = 8192;
constexpr int kVectors = 2;  // Of output channels in the product's registers.
constexpr int kRows = HWY_TARGET <= HWY_AVX3 ? 12 : 6;  // Tiles in them.

// Rows of B^T: the input at the points 0, a, -a, b, -b, infinity.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void InputAtPoints(D d, const V* x, V* at) {
  const V a = hn::Set(d, kA), b = hn::Set(d, kB);
  const V a2 = hn::Set(d, kA2), b2 = hn::Set(d, kB2);
  const V product = hn::Set(d, kA2 * kB2), sum = hn::Set(d, kA2 + kB2);
  at[0] = hn::NegMulAdd(sum, x[2], hn::MulAdd(product, x[0], x[4]));
  at[5] = hn::NegMulAdd(sum, x[3], hn::MulAdd(product, x[1], x[5]));
  const V even_a = hn::NegMulAdd(b2, x[2], x[4]);
  const V odd_a = hn::NegMulAdd(b2, x[1], x[3]);
  const V even_b = hn::NegMulAdd(a2, x[2], x[4]);
  const V odd_b = hn::NegMulAdd(a2, x[1], x[3]);
  at[1] = hn::MulAdd(a, odd_a, even_a);
  at[2] = hn::NegMulAdd(a, odd_a, even_a);
  at[3] = hn::MulAdd(b, odd_b, even_b);
  at[4] = hn::NegMulAdd(b, odd_b, even_b);
}

// Rows of G: the kernel at the points, divided by what B^T leaves out.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void KernelAtPoints(D d, const V* g, V* at) {
  constexpr float kOfA = 1 / (2 * kA2 * (kA2 - kB2));
  constexpr float kOfB = 1 / (2 * kB2 * (kB2 - kA2));
  at[0] = hn::Mul(hn::Set(d, 1 / (kA2 * kB2)), g[0]);
  at[5] = g[2];
  const V even_a =
      hn::MulAdd(hn::Set(d, kA2 * kOfA), g[2], hn::Mul(hn::Set(d, kOfA), g[0]));
  const V even_b =
      hn::MulAdd(hn::Set(d, kB2 * kOfB), g[2], hn::Mul(hn::Set(d, kOfB), g[0]));
  at[1] = hn::MulAdd(hn::Set(d, kA * kOfA), g[1], even_a);
  at[2] = hn::NegMulAdd(hn::Set(d, kA * kOfA), g[1], even_a);
  at[3] = hn::MulAdd(hn::Set(d, kB * kOfB), g[1], even_b);
  at[4] = hn::NegMulAdd(hn::Set(d, kB * kOfB), g[1], even_b);
}

// Rows of A^T: four outputs of the products at the points.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void OutputsOf(D d, const V* m, V* y) {
  const V even_a = hn::Add(m[1], m[2]), odd_a = hn::Sub(m[1], m[2]);
  const V even_b = hn::Add(m[3], m[4]), odd_b = hn::Sub(m[3], m[4]);
  y[0] = hn::Add(hn::Add(m[0], even_a), even_b);
  y[1] = hn::MulAdd(hn::Set(d, kA), odd_a, hn::Mul(hn::Set(d, kB), odd_b));
  y[2] = hn::MulAdd(hn::Set(d, kA2), even_a, hn::Mul(hn::Set(d, kB2), even_b));
  y[3] = hn::MulAdd(hn::Set(d, kA2 * kA), odd_a,
                    hn::MulAdd(hn::Set(d, kB2 * kB), odd_b, m[5]));
}

struct Place {
  int64_t image, row, column;  // Of the output.
};

struct Grid {
  explicit Grid(const WinogradShape& shape)
      : height(shape.height + 2 * shape.row_padding - 2),
        width(shape.width + 2 * shape.column_padding - 2),
        down((height + kTile - 1) / kTile),
        across((width + kTile - 1) / kTile) {}
  Place At(int64_t tile) const {
    const int64_t of_image = tile % (down * across);
    return {tile / (down * across), of_image / across * kTile,
            of_image % across * kTile};
  }
  int64_t height, width;  // Of the output.
  int64_t down, across;   // Tiles.
};

template <int kBlock>
void TransformPatch(const float* patch, int64_t row_stride, float* to,
                    int64_t position_stride) {
  const Tag<kBlock> d;
  using V = Vec<kBlock>;
  for (int lane = 0; lane < kBlock; lane += kLanes<kBlock>) {
    V half[6][6];  // [column][point]
    for (int x = 0; x < 6; ++x) {
      V column[6];
      for (int y = 0; y < 6; ++y) {
        column[y] = hn::LoadU(d, patch + y * row_stride + x * kBlock + lane);
      }
      InputAtPoints(d, column, half[x]);
    }
    for (int i = 0; i < 6; ++i) {
      V row[6], at[6];
      for (int x = 0; x < 6; ++x) row[x] = half[x][i];
      InputAtPoints(d, row, at);
      for (int j = 0; j < 6; ++j) {
        hn::StoreU(at[j], d, to + (i * 6 + j) * position_stride + lane);
      }
    }
  }
}

// Copies a patch that hangs over the border, zeros there.
template <int kBlock>
const float* CopyPatch(const WinogradShape& shape, const float* plane,
                       int64_t top, int64_t left, float* patch) {
  std::fill_n(patch, kPositions * kBlock, 0.f);
  const int64_t first = std::max<int64_t>(left, 0);
  const int64_t last = std::min(left + 6, shape.width);
  if (last <= first) return patch;
  for (int64_t y = std::max<int64_t>(top, 0);
       y < std::min(top + 6, shape.height); ++y) {
    std::copy_n(plane + (y * shape.width + first) * kBlock,
                (last - first) * kBlock,
                patch + ((y - top) * 6 + first - left) * kBlock);
  }
  return patch;
}

template <int kBlock>
void TransformInputs(const TileRun& run, int64_t rounded) {
  const WinogradShape& shape = run.shape;
  const Grid grid(shape);
  const int64_t blocks = shape.in_channels / kBlock;
  const int64_t plane_size = shape.height * shape.width * kBlock;
  const int64_t position = Padded(blocks * run.capacity * kBlock);
  HWY_ALIGN float copy[kPositions * kBlock];
  for (int64_t block = 0; block < blocks; ++block) {
    float* to = run.inputs + block * run.capacity * kBlock;
    for (int64_t t = 0; t < run.count; ++t, to += kBlock) {
      const Place at = grid.At(run.first + t);
      const float* const plane =
          run.operands.input + (at.image * blocks + block) * plane_size;
      const int64_t top = at.row - shape.row_padding;
      const int64_t left = at.column - shape.column_padding;
      if (top >= 0 && left >= 0 && top + 6 <= shape.height &&
          left + 6 <= shape.width) {
        TransformPatch<kBlock>(plane + (top * shape.width + left) * kBlock,
                               shape.width * kBlock, to, position);
      } else {
        TransformPatch<kBlock>(CopyPatch<kBlock>(shape, plane, top, left, copy),
                               6 * kBlock, to, position);
      }
    }
    for (int64_t p = 0; p < kPositions; ++p) {
      std::fill_n(to + p * position, (rounded - run.count) * kBlock, 0.f);
    }
  }
}

template <int kBlock>
void TransformOutputs(const TileRun& run) {
  using V = Vec<kBlock>;
  const Tag<kBlock> d;
  const WinogradShape& shape = run.shape;
  const Grid grid(shape);
  const int64_t blocks = shape.out_channels / kBlock;
  const int64_t position = Padded(blocks * run.capacity * kBlock);
  const int64_t row_stride = grid.width * kBlock;
  const V least = shape.relu ? hn::Zero(d) : hn::Neg(hn::Inf(d));
  for (int64_t block = 0; block < blocks; ++block) {
    for (int lane = 0; lane < kBlock; lane += kLanes<kBlock>) {
      const V bias =
          shape.bias ? hn::LoadU(d, run.operands.bias + block * kBlock + lane)
                     : hn::Zero(d);
      const float* from = run.outputs + block * run.capacity * kBlock + lane;
      for (int64_t t = 0; t < run.count; ++t, from += kBlock) {
        V half[4][6];  // [row][column]
        for (int j = 0; j < 6; ++j) {
          V m[6], y[4];
          for (int i = 0; i < 6; ++i) {
            m[i] = hn::LoadU(d, from + (i * 6 + j) * position);
          }
          OutputsOf(d, m, y);
          for (int i = 0; i < 4; ++i) half[i][j] = y[i];
        }
        const Place at = grid.At(run.first + t);
        float* const to =
            run.operands.output + lane +
            ((at.image * blocks + block) * grid.height + at.row) * row_stride +
            at.column * kBlock;
        const int rows = std::min(kTile, grid.height - at.row);
        const int columns = std::min(kTile, grid.width - at.column);
        for (int i = 0; i < rows; ++i) {
          V y[4];
          OutputsOf(d, half[i], y);
          for (int j = 0; j < 4; ++j) {
            if (j >= columns) break;
            hn::StoreU(hn::Max(hn::Add(y[j], bias), least), d,
                       to + i * row_stride + j * kBlock);
          }
        }
      }
    }
  }
}

// Of kTiles tiles and kWide vectors of output channels, the sum over the input
// channels of some blocks, in their order; after the first of them it goes on
// from what is there.
template <int kBlock, int kTiles, int kWide>
HWY_INLINE void Multiply(const float* HWY_RESTRICT u, int64_t u_stride,
                         int64_t blocks, const float* HWY_RESTRICT v, int panel,
                         float* HWY_RESTRICT m, int64_t m_stride, bool first) {
  using V = Vec<kBlock>;
  const Tag<kBlock> d;
  constexpr int kL = kLanes<kBlock>;
  const auto place = [=](int t, int k) HWY_ATTR {
    return m + k * kL / kBlock * m_stride + k * kL % kBlock + t * kBlock;
  };
  V sums[kTiles][kWide];
#pragma GCC unroll 16
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 4
    for (int k = 0; k < kWide; ++k) {
      sums[t][k] = first ? hn::Zero(d) : hn::LoadU(d, place(t, k));
    }
  }
  for (int64_t block = 0; block < blocks; ++block, u += u_stride) {
#pragma GCC unroll 8
    for (int c = 0; c < kBlock; ++c, v += panel) {
      V w[kWide];
#pragma GCC unroll 4
      for (int k = 0; k < kWide; ++k) w[k] = hn::LoadU(d, v + k * kL);
#pragma GCC unroll 16
      for (int t = 0; t < kTiles; ++t) {
        const V x = hn::Set(d, u[t * kBlock + c]);
#pragma GCC unroll 4
        for (int k = 0; k < kWide; ++k) {
          sums[t][k] = hn::MulAdd(x, w[k], sums[t][k]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTiles; ++t) {
#pragma GCC unroll 4
    for (int k = 0; k < kWide; ++k) {
      hn::StoreU(sums[t][k], d, place(t, k));
    }
  }
}

template <int kBlock, int kWide>
HWY_NOINLINE void MultiplyPanel(const float* u, int64_t stride, int64_t blocks,
                                const float* v, float* m, int64_t tiles,
                                bool first) {
  constexpr int kPanel = kVectors * kLanes<kBlock>;
  int64_t t = 0;
  for (; t + kRows <= tiles; t += kRows) {
    Multiply<kBlock, kRows, kWide>(u + t * kBlock, stride, blocks, v, kPanel,
                                   m + t * kBlock, stride, first);
  }
  if (t < tiles) {
    Multiply<kBlock, kRows / 2, kWide>(u + t * kBlock, stride, blocks, v,
                                       kPanel, m + t * kBlock, stride, first);
  }
}

// The product of each position: [tiles, in] by [in, out].
template <int kBlock>
void MultiplyAll(const TileRun& run, int64_t rounded) {
  constexpr int64_t kPanel = kVectors * kLanes<kBlock>;
  // A panel of the kernel stays in the first-level cache.
  constexpr int64_t kBlocksAtOnce = kPanelFloats / kPanel / kBlock;
  const WinogradShape& shape = run.shape;
  const int64_t blocks = shape.in_channels / kBlock;
  const int64_t stride = run.capacity * kBlock;
  const int64_t of_inputs = Padded(blocks * stride);
  const int64_t of_outputs = Padded(shape.out_channels / kBlock * stride);
  const int64_t of_kernel = Padded(shape.in_channels * kPanel);
  for (int64_t p = 0; p < kPositions; ++p) {
    for (int64_t k = 0; k < shape.out_channels; k += kPanel) {
      float* const m =
          run.outputs + p * of_outputs + k / kBlock * stride + k % kBlock;
      for (int64_t block = 0; block < blocks; block += kBlocksAtOnce) {
        const float* const u = run.inputs + p * of_inputs + block * stride;
        const float* const v = run.kernel +
                               (k / kPanel * kPositions + p) * of_kernel +
                               block * kBlock * kPanel;
        const int64_t count = std::min(kBlocksAtOnce, blocks - block);
        if (k + kPanel <= shape.out_channels) {
          MultiplyPanel<kBlock, kVectors>(u, stride, count, v, m, rounded,
                                          block == 0);
        } else {
          MultiplyPanel<kBlock, 1>(u, stride, count, v, m, rounded, block == 0);
        }
      }
    }
  }
}

template <int kBlock>
void ConvolveTiles(const TileRun& run) {
  constexpr int64_t kHalf = kRows / 2;
  const int64_t rounded = (run.count + kHalf - 1) / kHalf * kHalf;
  TransformInputs<kBlock>(run, rounded);
  MultiplyAll<kBlock>(run, rounded);
  TransformOutputs<kBlock>(run);
}

template <int kBlock>
void TransformPanel(const WinogradShape& shape, const float* kernel,
                    int64_t panel, float* transformed) {
  using V = Vec<kBlock>;
  const Tag<kBlock> d;
  constexpr int64_t kPanel = kVectors * kLanes<kBlock>;
  const int64_t tap = shape.in_channels * kPanel;
  const int64_t position = Padded(tap);
  const float* const from = kernel + panel * 9 * tap;
  float* const to = transformed + panel * kPositions * position;
  for (int64_t i = 0; i < tap; i += kLanes<kBlock>) {
    V half[3][6];  // [column][point]
    for (int x = 0; x < 3; ++x) {
      V column[3];
      for (int y = 0; y < 3; ++y) {
        column[y] = hn::LoadU(d, from + (y * 3 + x) * tap + i);
      }
      KernelAtPoints(d, column, half[x]);
    }
    for (int p = 0; p < 6; ++p) {
      V at[6];
      const V row[3] = {half[0][p], half[1][p], half[2][p]};
      KernelAtPoints(d, row, at);
      for (int q = 0; q < 6; ++q) {
        hn::StoreU(at[q], d, to + (p * 6 + q) * position + i);
      }
    }
  }
}

}  // namespace

int KernelBlockHere(int block) {
  return kVectors * (block == 16 ? kLanes<16> : kLanes<8>);
}

int TileRowsHere() { return kRows; }

void TransformKernelHere(const WinogradShape& shape, const float* kernel,
                         int64_t panel, float* transformed) {
  return shape.block == 16
             ? TransformPanel<16>(shape, kernel, panel, transformed)
             : TransformPanel<8>(shape, kernel, panel, transformed);
}

void ConvolveHere(const TileRun& run) {
  return run.shape.block == 16 ? ConvolveTiles<16>(run) : ConvolveTiles<8>(run);
}

}  // namespace HWY_NAMESPACE
}  // namespace atelier::engine::winograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace atelier::engine::winograd {

HWY_EXPORT(KernelBlockHere);
HWY_EXPORT(TileRowsHere);
HWY_EXPORT(TransformKernelHere);
HWY_EXPORT(ConvolveHere);

// Better targets have lower bits.
void DisableAvx512() { hwy::DisableTargets(HWY_AVX2 - 1); }

int KernelBlock(int block) {
  return HWY_DYNAMIC_DISPATCH(KernelBlockHere)(block);
}

int TileRows() { return HWY_DYNAMIC_DISPATCH(TileRowsHere)(); }

void TransformKernel(const WinogradShape& shape, const float* kernel,
                     int64_t panel, float* transformed) {
  HWY_DYNAMIC_DISPATCH(TransformKernelHere)(shape, kernel, panel, transformed);
}

void Convolve(const TileRun& run) { HWY_DYNAMIC_DISPATCH(ConvolveHere)(run); }

}  // namespace atelier::engine::winograd
#endif  // HWY_ONCE
