#include "worker/engine/sorted_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

#ifdef ATELIER_VQSORT
#include "hwy/contrib/sort/vqsort.h"
#endif

namespace atelier::engine {
namespace {

#ifdef ATELIER_VQSORT
using Sorter = hwy::Sorter;
template <typename T>
void Sort(const Sorter& sorter, std::vector<T>& keys) {
  sorter(keys.data(), keys.size(), hwy::SortAscending());
}
#else
struct Sorter {};
template <typename T>
void Sort(const Sorter& /*sorter*/, std::vector<T>& keys) {
  std::sort(keys.begin(), keys.end());
}
#endif

bool IsLong(const at::Tensor& rows) {
  return rows.size(1) > kShortRow && rows.device().is_cpu() &&
         rows.scalar_type() == at::kFloat;
}

// Where a value stands, below a number that orders as the value does: all keys
// of a row differ, so that every way of sorting them gives the same. The two
// zeros are one value.
uint64_t KeyOf(float value, uint32_t place) {
  value += 0.0F;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  bits ^= (bits & 0x80000000U) != 0 ? 0xFFFFFFFFU : 0x80000000U;
  return uint64_t{bits} << 32 | place;
}
float ValueOf(uint64_t key) {
  auto bits = static_cast<uint32_t>(key >> 32);
  bits ^= (bits & 0x80000000U) != 0 ? 0x80000000U : 0xFFFFFFFFU;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// Calls visit(row, keys) with the sorted keys of each row.
template <typename Visit>
void ForEachSorted(const at::Tensor& rows, Visit visit) {
  const int64_t width = rows.size(1);
  const auto* const values = rows.data_ptr<float>();
  at::parallel_for(0, rows.size(0), 1, [&](int64_t begin, int64_t end) {
    const Sorter sorter;
    std::vector<uint64_t> keys(width);
    for (int64_t row = begin; row < end; ++row) {
      const float* const from = values + row * width;
      for (int64_t i = 0; i < width; ++i) {
        keys[i] = KeyOf(from[i], static_cast<uint32_t>(i));
      }
      Sort(sorter, keys);
      visit(row, keys);
    }
  });
}

// The sum of the squares of the differences, which go to where the values
// stood.
double SubtractInRow(const std::vector<uint64_t>& keys, const float* target,
                     float* differences) {
  double sum = 0;
  for (size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
    const float value = ValueOf(keys[begin]);
    double of_equals = 0;
    for (; end < keys.size() && keys[end] >> 32 == keys[begin] >> 32; ++end) {
      const double difference = double{value} - target[end];
      sum += difference * difference;
      of_equals += difference;
    }
    const auto mean =
        static_cast<float>(of_equals / static_cast<double>(end - begin));
    for (size_t i = begin; i < end; ++i) {
      differences[static_cast<uint32_t>(keys[i])] = mean;
    }
  }
  return sum;
}

}  // namespace

at::Tensor SortedRows(const at::Tensor& rows) {
  if (!IsLong(rows)) return std::get<0>(at::sort(rows, 1));
  const at::Tensor from = rows.contiguous();
  at::Tensor sorted = at::empty_like(from);
  auto* const values = sorted.data_ptr<float>();
  ForEachSorted(from, [&](int64_t row, const std::vector<uint64_t>& keys) {
    float* const to = values + row * static_cast<int64_t>(keys.size());
    std::transform(keys.begin(), keys.end(), to, ValueOf);
  });
  return sorted;
}

at::Tensor SubtractInOrder(at::Tensor& rows, const at::Tensor& target) {
  if (!IsLong(rows)) {
    auto [sorted, places] = at::sort(rows, 1);
    sorted.view({-1, target.size(0), target.size(1)}).sub_(target);
    rows.scatter_(1, places, sorted);
    return sorted.square().sum({1}, false, at::kDouble);
  }
  const at::Tensor wanted = target.contiguous();
  at::Tensor sums = at::empty({rows.size(0)}, at::kDouble);
  ForEachSorted(rows, [&](int64_t row, const std::vector<uint64_t>& keys) {
    const int64_t width = rows.size(1);
    sums.data_ptr<double>()[row] = SubtractInRow(
        keys, wanted.data_ptr<float>() + row % target.size(0) * width,
        rows.data_ptr<float>() + row * width);
  });
  return sums;
}

}  // namespace atelier::engine
