// Curvature pairs as the rows of two matrices.
#ifndef ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_PAIRS_H_
#define ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_PAIRS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "worker/engine/curvature_pairs.h"

namespace atelier::engine::experimental {

/// The block form: Byrd, Nocedal and Schnabel, Representations of quasi-Newton
/// matrices (1994). With the steps as rows of S, the changes of Y, oldest
/// first, R the upper triangle of S Yᵀ, its diagonal included, and D that
/// diagonal, a vector v becomes r + Sᵀ c, where
///
///   R a = S v,   r = H₀ (v - Yᵀ a),   Rᵀ c = D a - Y r.
///
/// It is what the two loops give, in two products with each matrix and two
/// small triangular solves, however many pairs there are: best where each
/// operation costs a launch. A refused pair is a row of zeros, with a 1 in R's
/// diagonal: its a and c are 0.
///
/// Memory: two images for each pair of the history, taken with the first.
class BlockPairs : public CurvaturePairs {
 public:
  explicit BlockPairs(int history) : history_(history) {}

  LearnedPair Add(const at::Tensor& like, Writer write) override;
  at::Tensor TimesInverse(at::Tensor rows,
                          InitialHessian initial) const override;
  void Clear(const at::Tensor& which) override;
  void Forget() override;
  void ForEach(
      const at::Tensor& like,
      absl::FunctionRef<void(const CurvaturePair&)> visit) const override;
  std::vector<NamedTensor> State() const override;
  /// Waits for the device.
  absl::Status TakeState(StateReader& reader, const at::Tensor& like) override;

 private:
  void Allocate(const at::Tensor& like);
  // The place of the next pair, from now on the youngest.
  int64_t NextPlace();
  // Values of pairs, [n, count_], by age, oldest first, or by place.
  at::Tensor ByAge(const at::Tensor& by_place) const;
  at::Tensor ByPlace(const at::Tensor& by_age) const;
  // Each image's rows times its vector, by age: [n, count_], in doubles.
  at::Tensor Products(const at::Tensor& matrix, const at::Tensor& rows) const;
  // Adds `sign` times the combination of rows with these factors, by age.
  void AddRows(const at::Tensor& matrix, const at::Tensor& factors, double sign,
               at::Tensor& sum) const;
  // A column and a row to R, for the youngest pair; without those of a pair
  // that it took the place of.
  void AppendColumn(const at::Tensor& products, const at::Tensor& accepted);

  const int64_t history_;
  // A ring: the youngest pair takes the place of the oldest, and no others
  // move. Sums are over places, so rounding depends on where the ring begins.
  at::Tensor steps_;    // [n, history, coordinates], `count_` of them in use.
  at::Tensor changes_;  // Likewise.
  int64_t count_ = 0;
  int64_t oldest_ = 0;   // Its place; 0 until the ring is full.
  at::Tensor triangle_;  // R, by age, [n, count_, count_], in doubles.
};

}  // namespace atelier::engine::experimental

#endif  // ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_PAIRS_H_
