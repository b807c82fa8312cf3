// Sorted rows of numbers, each by itself. Long rows on a CPU by Highway's
// vectorised quicksort where that was there at build time (docs/adr/0047), to
// the same bytes as without it; the others by Torch.
#ifndef ATELIER_WORKER_ENGINE_SORTED_ROWS_H_
#define ATELIER_WORKER_ENGINE_SORTED_ROWS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace atelier::engine {

/// Ascending. Shapes: rows [r, n], at most 2^32 wide, and the result. May throw
/// what Torch throws.
at::Tensor SortedRows(const at::Tensor& rows);

/// Replaces each value by how far it is above the target's of its rank, and
/// returns the sums of the squares of that: [r], in doubles. Half of a sum's
/// gradient is what stands in the row then. Equal values of a long row have the
/// mean of their differences, for nothing says which is before the other; of a
/// short one those in the order of Torch's sort.
/// Shapes: rows [r, n], contiguous, n at most 2^32; target [t, n], sorted, of
///         which row i has i mod t. May throw what Torch throws.
at::Tensor SubtractInOrder(at::Tensor& rows, const at::Tensor& target);

/// Rows of up to so many are Torch's. Values computed elsewhere, by which tests
/// go, are of such, and have its order of equal values.
inline constexpr int64_t kShortRow = 1024;

/// What either takes besides its arguments, for each float of them: copies and
/// places where Torch sorts, which is the more of the two.
inline constexpr int64_t kSortBytesPerFloat = 4 + 4 + 8;

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SORTED_ROWS_H_
