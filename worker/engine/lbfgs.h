// L-BFGS that asks the device nothing: Nocedal and Wright, Numerical
// Optimization, algorithm 7.4, with acceptance of steps in place of a line
// search.
#ifndef ATELIER_WORKER_ENGINE_LBFGS_H_
#define ATELIER_WORKER_ENGINE_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <deque>
#include <vector>

#include "worker/engine/stepper.h"

namespace atelier::engine {

struct LbfgsOptions {
  /// Factor on every step, and the most that any value changes in one.
  double learning_rate = 1;
  int history = 10;  ///< Curvature pairs kept: 1 to 100.
};

/// Keeps the best point seen and steps from there. The first step is
/// min(1, 1/|gradient|_1) down the gradient, as torch.optim.LBFGS has it, later
/// ones the two-loop direction. A point that is no better is left, but what it
/// told of the curvature is kept and bends the next direction; only where it
/// told nothing is the next step half as long. So each evaluation is of use,
/// and the loss at the kept point never rises.
///
/// Every decision is a mask on the device, made per image. Memory: two images
/// for each pair of the history, and about six more.
class Lbfgs : public Stepper {
 public:
  explicit Lbfgs(const LbfgsOptions& options) : options_(options) {}
  at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                  const at::Tensor& gradient) override;
  void Restart(const at::Tensor& which) override;
  void Forget() override;
  std::vector<NamedTensor> State() const override;
  absl::Status SetState(std::vector<NamedTensor> state,
                        const at::Tensor& image) override;

 private:
  // A point, flat: values and gradient [n, values], loss [n, 1].
  struct Point {
    at::Tensor values;
    at::Tensor loss;
    at::Tensor gradient;
  };
  // A step and the change of gradient along it, both zero where the curvature
  // was not positive.
  struct Pair {
    at::Tensor step;     // [n, values]
    at::Tensor change;   // [n, values]
    at::Tensor inverse;  // [n, 1]: 1/(step·change), or 0.
  };

  void Begin(const Point& seen);
  // Returns where the pair was accepted: [n, 1].
  at::Tensor Remember(const Point& seen);
  // The oldest pair's memory, once there are as many as there may be.
  Pair NextPair(const at::Tensor& like);
  void KeepBetter(const Point& seen, const at::Tensor& learned);
  at::Tensor Direction() const;

  const LbfgsOptions options_;
  Point kept_;
  std::deque<Pair> pairs_;  // Oldest first.
  at::Tensor curvature_;    // [n, 1]: scale of the initial inverse Hessian.
  at::Tensor length_;       // [n, 1]: of the next step; 1 after a better point.
  at::Tensor rate_;         // [n, 1]: the learning rate.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LBFGS_H_
