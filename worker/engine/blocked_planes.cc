#include "worker/engine/blocked_planes.h"

#include <ATen/Parallel.h>
#include <emmintrin.h>

#include <algorithm>

namespace atelier::engine {
namespace {

// Values that are worth handing to another thread.
constexpr int64_t kGrain = 1 << 15;

// The inner coordinate that a padded one mirrors; `size` is the padded side.
int64_t Mirrored(int64_t at, int64_t size) {
  if (at == 0) return 1;
  return at == size - 1 ? size - 4 : at - 1;
}

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

void ReflectInto(const Planes& padded, const float* inner, float* to) {
  const int64_t inner_width = padded.width - 2;
  const int64_t block = padded.block;
  ForEachPlane(padded, to, inner, [&](float* outer_plane, const float* plane) {
    for (int64_t y = 0; y < padded.height; ++y) {
      const float* row =
          plane + Mirrored(y, padded.height) * inner_width * block;
      float* out = outer_plane + y * padded.width * block;
      std::copy_n(row + block, block, out);
      std::copy_n(row, inner_width * block, out + block);
      std::copy_n(row + (inner_width - 2) * block, block,
                  out + (inner_width + 1) * block);
    }
  });
}

void FoldReflection(const Planes& padded, const float* from, float* inner) {
  const int64_t inner_width = padded.width - 2;
  const int64_t block = padded.block;
  ForEachPlane(
      padded, from, inner, [&](const float* outer_plane, float* plane) {
        std::fill_n(plane, InnerSize(padded), 0.0f);
        for (int64_t y = 0; y < padded.height; ++y) {
          const float* row = outer_plane + y * padded.width * block;
          float* out = plane + Mirrored(y, padded.height) * inner_width * block;
          for (int64_t x = 0; x < padded.width; ++x) {
            float* pixel = out + Mirrored(x, padded.width) * block;
            for (int64_t c = 0; c < block; ++c) pixel[c] += row[x * block + c];
          }
        }
      });
}

}  // namespace atelier::engine
