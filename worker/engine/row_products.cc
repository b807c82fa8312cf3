#include "worker/engine/row_products.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

// Loops for the vector units at hand, chosen when the program is loaded.
#if defined(__x86_64__) && defined(__ELF__)
#define ATELIER_FOR_EACH_CPU \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ATELIER_FOR_EACH_CPU
#endif

namespace atelier::engine {
namespace {

// What a thread takes at a time: a sum is that of its chunks in their order,
// however many threads there are.
constexpr int64_t kChunk = 1 << 12;
// Sums side by side, for the vector units.
constexpr int64_t kLanes = 64;

// Its bits are the upper half of a float's.
inline float ToFloat(at::BFloat16 rounded) {
  const uint32_t whole = static_cast<uint32_t>(rounded.x) << 16;
  float value;
  std::memcpy(&value, &whole, sizeof(value));
  return value;
}

// Sums of every kLanes-th product, then of those.
ATELIER_FOR_EACH_CPU
double DotOf(const at::BFloat16* a, const float* b, int64_t count) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += ToFloat(a[i + lane]) * b[i + lane];
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += ToFloat(a[i]) * b[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

ATELIER_FOR_EACH_CPU
double AddThenDotOf(const at::BFloat16* a, float factor,
                    const at::BFloat16* next, float* sum, int64_t count) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      sum[i + lane] += factor * ToFloat(a[i + lane]);
      lanes[lane] += ToFloat(next[i + lane]) * sum[i + lane];
    }
  }
  double dot = 0;
  for (; i < count; ++i) {
    sum[i] += factor * ToFloat(a[i]);
    dot += ToFloat(next[i]) * sum[i];
  }
  for (const float lane : lanes) dot += lane;
  return dot;
}

bool IsRounded(const at::Tensor& a, const at::Tensor& b) {
  return b.is_cpu() && a.scalar_type() == at::kBFloat16 &&
         b.scalar_type() == at::kFloat && a.is_contiguous() &&
         b.is_contiguous();
}

// A row's dot product of its chunks', each by `of_chunk`.
template <typename DotOfChunk>  // double(int64_t first, int64_t count)
at::Tensor SumOverChunks(const at::Tensor& row, DotOfChunk of_chunk) {
  const int64_t size = row.numel();
  std::vector<double> sums((size + kChunk - 1) / kChunk);
  at::parallel_for(
      0, static_cast<int64_t>(sums.size()), 1, [&](int64_t begin, int64_t end) {
        for (int64_t chunk = begin; chunk < end; ++chunk) {
          const int64_t first = chunk * kChunk;
          sums[chunk] = of_chunk(first, std::min(kChunk, size - first));
        }
      });
  double sum = 0;
  for (const double of_one : sums) sum += of_one;
  return at::scalar_tensor(sum, row.options());
}

at::Tensor DotOfRow(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() == b.scalar_type()) {
    return b.is_cpu() ? at::dot(a, b) : at::dot(Aligned(a), Aligned(b));
  }
  if (!IsRounded(a, b)) return (a * b).sum();
  const auto* const of_a = a.data_ptr<at::BFloat16>();
  const float* const of_b = b.data_ptr<float>();
  return SumOverChunks(b, [=](int64_t first, int64_t count) {
    return DotOf(of_a + first, of_b + first, count);
  });
}

at::Tensor AddThenDotOfRow(const at::Tensor& a, float factor,
                           const at::Tensor& next, const at::Tensor& sum) {
  const auto* const of_a = a.data_ptr<at::BFloat16>();
  const auto* const of_next = next.data_ptr<at::BFloat16>();
  float* const of_sum = sum.data_ptr<float>();
  return SumOverChunks(sum, [=](int64_t first, int64_t count) {
    return AddThenDotOf(of_a + first, factor, of_next + first, of_sum + first,
                        count);
  });
}

}  // namespace

at::Tensor Aligned(const at::Tensor& row) {
  constexpr int64_t kTogether = 4;
  return row.storage_offset() % kTogether == 0 ? row : row.clone();
}

at::Tensor Dot(const at::Tensor& a, const at::Tensor& b) {
  if (b.size(0) == 1) return DotOfRow(a[0], b[0]).view({1, 1});
  std::vector<at::Tensor> rows(b.size(0));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = DotOfRow(a[i], b[i]);
  return at::stack(rows).unsqueeze_(1);
}

at::Tensor AddThenDot(const at::Tensor& a, const at::Tensor& factors,
                      const at::Tensor& next, at::Tensor& sum) {
  if (!next.defined() || !IsRounded(a, sum) || !IsRounded(next, sum)) {
    sum.addcmul_(a, factors);
    return next.defined() ? Dot(next, sum) : next;
  }
  std::vector<at::Tensor> rows(sum.size(0));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = AddThenDotOfRow(a[i], factors[i].item<float>(), next[i], sum[i]);
  }
  return at::stack(rows).unsqueeze_(1);
}

}  // namespace atelier::engine
