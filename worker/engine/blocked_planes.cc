#include "worker/engine/blocked_planes.h"

#include <ATen/Parallel.h>
#include <emmintrin.h>

#include <algorithm>
#include <cmath>

namespace atelier::engine {
namespace {

// Values that are worth handing to another thread.
constexpr int64_t kGrain = 1 << 15;

// Which inner coordinate each of a padded side of `size` pixels has the value
// of.
class InnerCoordinate {
 public:
  InnerCoordinate(int64_t size, Padding padding)
      : last_(size - 1), away_(padding == Padding::kReflect ? 1 : 0) {}

  int64_t operator[](int64_t at) const {
    if (at == 0) return away_;
    return at == last_ ? last_ - 2 - away_ : at - 1;
  }

 private:
  const int64_t last_;
  const int64_t away_;
};

int64_t InnerSize(const Planes& padded) {
  return (padded.height - 2) * (padded.width - 2) * padded.block;
}

// Runs visit(plane of padded, plane of inner) for each, on all threads.
template <typename Outer, typename Inner, typename Visit>
void ForEachPlane(const Planes& padded, Outer* outer, Inner* inner,
                  Visit visit) {
  const int64_t outer_size = padded.height * padded.width * padded.block;
  const int64_t inner_size = InnerSize(padded);
  at::parallel_for(0, padded.count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      visit(outer + i * outer_size, inner + i * inner_size);
    }
  });
}

// Four pixels that are pooled to one: where the left pixels of both rows begin,
// and where it does.
struct Square {
  int64_t top = 0;
  int64_t bottom = 0;
  int64_t pooled = 0;
};

// Runs visit(square) for each square of all planes, on all threads.
template <typename Visit>
void ForEachSquare(const Planes& planes, Visit visit) {
  const int64_t row = planes.width * planes.block;
  const int64_t height = planes.height / 2;
  const int64_t width = planes.width / 2;
  at::parallel_for(
      0, planes.count * height, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t plane = i / height;
          const int64_t y = 2 * (i % height);
          for (int64_t x = 0; x < width; ++x) {
            const int64_t top =
                (plane * planes.height + y) * row + 2 * x * planes.block;
            visit(Square{top, top + row, (i * width + x) * planes.block});
          }
        }
      });
}

// Of channel `c` of two pixels in each of two rows.
float RootOfSquares(const float* top, const float* bottom, int64_t block,
                    int64_t c) {
  const float a = top[c], b = top[block + c];
  const float d = bottom[c], e = bottom[block + c];
  return std::sqrt(a * a + b * b + d * d + e * e);
}

}  // namespace

void Rectify(const float* from, float* to, int64_t values) {
  at::parallel_for(0, values, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) to[i] = from[i] <= 0 ? 0 : from[i];
  });
}

void StoreSigns(const float* activation, uint8_t* signs, int64_t values) {
  const __m128 zero = _mm_setzero_ps();
  const auto four = [&](const float* from) {
    return _mm_movemask_ps(_mm_cmpnle_ps(_mm_loadu_ps(from), zero));
  };
  at::parallel_for(0, values / 8, kGrain / 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float* const from = activation + 8 * i;
      signs[i] = static_cast<uint8_t>(four(from) | four(from + 4) << 4);
    }
  });
}

void ZeroWhereNotPositive(const uint8_t* signs, float* gradient,
                          int64_t values) {
  const __m128i low = _mm_setr_epi32(1, 2, 4, 8);
  const __m128i high = _mm_slli_epi32(low, 4);
  const auto four = [](float* at, __m128i bits, __m128i which) {
    const __m128i mask = _mm_cmpeq_epi32(_mm_and_si128(bits, which), which);
    _mm_storeu_ps(at, _mm_and_ps(_mm_loadu_ps(at), _mm_castsi128_ps(mask)));
  };
  at::parallel_for(0, values / 8, kGrain / 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const __m128i bits = _mm_set1_epi32(signs[i]);
      four(gradient + 8 * i, bits, low);
      four(gradient + 8 * i + 4, bits, high);
    }
  });
}

void PadInto(const Planes& padded, Padding padding, const float* inner,
             float* to) {
  const int64_t inner_width = padded.width - 2;
  const int64_t block = padded.block;
  const InnerCoordinate row_of(padded.height, padding);
  const InnerCoordinate column_of(padded.width, padding);
  ForEachPlane(padded, to, inner, [&](float* outer_plane, const float* plane) {
    for (int64_t y = 0; y < padded.height; ++y) {
      const float* row = plane + row_of[y] * inner_width * block;
      float* out = outer_plane + y * padded.width * block;
      std::copy_n(row + column_of[0] * block, block, out);
      std::copy_n(row, inner_width * block, out + block);
      std::copy_n(row + column_of[inner_width + 1] * block, block,
                  out + (inner_width + 1) * block);
    }
  });
}

void FoldBorder(const Planes& padded, Padding padding, const float* from,
                float* inner) {
  const int64_t inner_width = padded.width - 2;
  const int64_t block = padded.block;
  const InnerCoordinate row_of(padded.height, padding);
  const InnerCoordinate column_of(padded.width, padding);
  ForEachPlane(padded, from, inner,
               [&](const float* outer_plane, float* plane) {
                 std::fill_n(plane, InnerSize(padded), 0.0f);
                 for (int64_t y = 0; y < padded.height; ++y) {
                   const float* row = outer_plane + y * padded.width * block;
                   float* out = plane + row_of[y] * inner_width * block;
                   for (int64_t x = 0; x < padded.width; ++x) {
                     float* pixel = out + column_of[x] * block;
                     for (int64_t c = 0; c < block; ++c)
                       pixel[c] += row[x * block + c];
                   }
                 }
               });
}

void Multiply(float* values, int64_t count, float factor) {
  at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) values[i] *= factor;
  });
}

void PoolRootOfSquares(const Planes& planes, const float* from, float* to) {
  ForEachSquare(planes, [&](const Square& at) {
    const float* const top = from + at.top;
    const float* const bottom = from + at.bottom;
    for (int64_t c = 0; c < planes.block; ++c) {
      to[at.pooled + c] = RootOfSquares(top, bottom, planes.block, c);
    }
  });
}

void PullThroughRootOfSquares(const Planes& planes, const float* from,
                              const float* gradient, float* to) {
  const int64_t block = planes.block;
  const int64_t values = planes.count * planes.height * planes.width * block;
  at::parallel_for(0, values, kGrain, [&](int64_t begin, int64_t end) {
    std::fill(to + begin, to + end, 0.0f);
  });
  ForEachSquare(planes, [&](const Square& at) {
    for (int64_t c = 0; c < block; ++c) {
      const float root =
          RootOfSquares(from + at.top, from + at.bottom, block, c);
      if (root == 0) continue;
      const float share = gradient[at.pooled + c] / root;
      for (const int64_t pixel :
           {at.top, at.top + block, at.bottom, at.bottom + block}) {
        to[pixel + c] = share * from[pixel + c];
      }
    }
  });
}

}  // namespace atelier::engine
