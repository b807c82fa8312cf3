// Small vectors to and from tensors, in doubles.
#ifndef ATELIER_WORKER_ENGINE_TEST_VECTORS_H_
#define ATELIER_WORKER_ENGINE_TEST_VECTORS_H_

#include <ATen/ATen.h>

#include <vector>

namespace atelier::engine {

using Vector = std::vector<double>;

/// Shapes: result [1, values].
inline at::Tensor ToRow(const Vector& values) {
  return at::tensor(values, at::kDouble).view({1, -1});
}

/// All values, in their order.
inline Vector ToVector(const at::Tensor& row) {
  const at::Tensor flat = row.flatten().contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TEST_VECTORS_H_
