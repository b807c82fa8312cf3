// Products of pictures as vectors, one picture to a row, some of them rounded
// to half the memory.
#ifndef ATELIER_WORKER_ENGINE_ROW_PRODUCTS_H_
#define ATELIER_WORKER_ENGINE_ROW_PRODUCTS_H_

#include <ATen/core/Tensor.h>

namespace atelier::engine {

/// The dot product of each row, rounded alike whatever rows are beside it.
/// `a` is of the type of `b`, or of bfloat16, which is read as it lies, without
/// a copy in the type of `b`.
/// Shapes: a and b [n, k]; result [n, 1], of the type of `b`.
at::Tensor Dot(const at::Tensor& a, const at::Tensor& b);

/// `row`, or a copy if it lies where four values are not read at once: a GPU's
/// libraries may choose kernels by that, and an image must not be rounded
/// otherwise in another place of its batch.
at::Tensor Aligned(const at::Tensor& row);

/// Adds to each row of `sum` its multiple of `a`, and returns Dot(next, sum) of
/// what that is then: in one pass where both are of bfloat16 on a CPU.
/// Shapes: a, next and sum [n, k]; factors [n, 1], of the type of `sum`; result
/// [n, 1], or undefined, as `next` may be.
at::Tensor AddThenDot(const at::Tensor& a, const at::Tensor& factors,
                      const at::Tensor& next, at::Tensor& sum);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ROW_PRODUCTS_H_
