// L-BFGS without a line search and without asking the device anything:
// Nocedal and Wright, Numerical Optimization, algorithm 7.4.
#ifndef ATELIER_WORKER_ENGINE_LBFGS_H_
#define ATELIER_WORKER_ENGINE_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <deque>

#include "worker/engine/stepper.h"

namespace atelier::engine {

struct LbfgsOptions {
  double learning_rate = 1;  ///< Length of a step along the direction.
  int history = 10;          ///< Curvature pairs kept.
};

/// The first step is min(1, 1/|gradient|_1)·learning_rate down the gradient, as
/// torch.optim.LBFGS has it. A pair whose curvature is not positive is kept
/// with weight zero: the decision is a mask on the device, made per image.
class Lbfgs : public Stepper {
 public:
  explicit Lbfgs(const LbfgsOptions& options) : options_(options) {}
  at::Tensor Step(const at::Tensor& image, const at::Tensor& gradient) override;

 private:
  // A step and the change of gradient along it.
  struct Pair {
    at::Tensor step;     // [n, values]
    at::Tensor change;   // [n, values]
    at::Tensor inverse;  // [n, 1]: 1/(step·change), 0 where rejected.
  };

  void Remember(const at::Tensor& change);
  at::Tensor Direction(const at::Tensor& gradient) const;

  const LbfgsOptions options_;
  std::deque<Pair> pairs_;    // Oldest first.
  at::Tensor curvature_;      // [n, 1]: scale of the initial inverse Hessian.
  at::Tensor last_gradient_;  // [n, values]
  at::Tensor last_step_;      // [n, values]
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LBFGS_H_
