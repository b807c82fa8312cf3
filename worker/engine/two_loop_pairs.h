// Curvature pairs of which the two loops are made.
#ifndef ATELIER_WORKER_ENGINE_TWO_LOOP_PAIRS_H_
#define ATELIER_WORKER_ENGINE_TWO_LOOP_PAIRS_H_

#include <ATen/core/Tensor.h>

#include <deque>
#include <vector>

#include "absl/functional/function_ref.h"
#include "worker/engine/curvature_pairs.h"

namespace atelier::engine {

/// Nocedal and Wright, Numerical Optimization, algorithm 7.4: two passes over
/// the pairs, one pair after the other. Best where a pass is bound by reading
/// them: each vector is read once for what is added to it and for the next
/// product.
class TwoLoopPairs : public CurvaturePairs {
 public:
  /// Memory: two images for each pair; half of that if `rounded`, to bfloat16.
  TwoLoopPairs(int history, bool rounded)
      : history_(history), rounded_(rounded) {}

  LearnedPair Add(const at::Tensor& like, Writer write) override;
  at::Tensor TimesInverse(at::Tensor rows,
                          InitialHessian initial) const override;
  void Clear(const at::Tensor& which) override;
  void Forget() override { pairs_.clear(); }
  void ForEach(
      const at::Tensor& like,
      absl::FunctionRef<void(const CurvaturePair&)> visit) const override;
  std::vector<NamedTensor> State() const override;
  absl::Status TakeState(StateReader& reader, const at::Tensor& like) override;

 private:
  at::ScalarType TypeFor(const at::Tensor& like) const;
  // The oldest pair's memory, once there are as many as there may be.
  CurvaturePair Room(const at::Tensor& like);

  const int history_;
  const bool rounded_;
  std::deque<CurvaturePair> pairs_;  // Oldest first, as they are kept.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TWO_LOOP_PAIRS_H_
