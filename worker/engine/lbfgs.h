// L-BFGS as published (Nocedal and Wright, Numerical Optimization, algorithm
// 7.5), with acceptance of steps in place of a line search.
#ifndef ATELIER_WORKER_ENGINE_LBFGS_H_
#define ATELIER_WORKER_ENGINE_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "worker/engine/curvature_pairs.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

struct LbfgsOptions {
  /// Factor on every step, and the most that any value changes in one.
  double learning_rate = 1;
  int history = 10;  ///< Curvature pairs kept: 1 to 100.
};

/// Where losses and gradients were evaluated, an image to a row.
struct LbfgsPoint {
  at::Tensor values;    // [n, values]
  at::Tensor loss;      // [n, 1]
  at::Tensor gradient;  // [n, coordinates]
};

/// What is remembered besides the curvature pairs.
struct LbfgsState {
  LbfgsPoint kept;       ///< The best point seen: steps go from here.
  at::Tensor curvature;  ///< [n, 1]: scale of the initial inverse Hessian.
  at::Tensor length;     ///< [n, 1]: of the next step; 1 after a better point.
  at::Tensor rate;       ///< [n, 1]: the learning rate.

  bool empty() const { return !kept.values.defined(); }
  /// The first point; what was known of the learning rate stays.
  void Begin(const LbfgsPoint& seen, double learning_rate);
  /// Keeps `seen` where it is no worse. Elsewhere the next step is half as
  /// long, unless the point told of the curvature (`learned`, [n, 1] of bool):
  /// then the next direction is another.
  void KeepBetter(const LbfgsPoint& seen, const at::Tensor& learned);
  /// The next step of these images ([n, 1] of bool) is a first one.
  void Restart(const at::Tensor& which, const at::Tensor& first_curvature);
  std::vector<NamedTensor> Named() const;
  /// Shapes: like [n, values], of the type and on the device of images.
  /// Errors: as StateReader.
  absl::Status Take(StateReader& reader, const at::Tensor& like,
                    int64_t coordinates);
};

/// Keeps the best point seen and steps from there. The first step is
/// min(1, 1/|gradient|_1) down the gradient, as torch.optim.LBFGS has it; later
/// ones are the gradient times the inverse Hessian that the last steps tell of.
/// A point that is no better is left, but what it told of the curvature bends
/// the next direction; only where it told nothing is the next step half as
/// long. So each evaluation is of use, and the loss at the kept point never
/// rises.
///
/// Every decision is a mask on the device, made per image. Memory: that of the
/// pairs, and about six images more.
class Lbfgs : public Stepper {
 public:
  /// Two loops over the pairs.
  explicit Lbfgs(const LbfgsOptions& options);
  /// The same by another form of the inverse Hessian.
  Lbfgs(const LbfgsOptions& options, std::unique_ptr<CurvaturePairs> pairs)
      : options_(options), pairs_(std::move(pairs)) {}

  at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                  const at::Tensor& gradient) override;
  void Restart(const at::Tensor& which) override;
  void Forget() override;
  std::vector<NamedTensor> State() const override;
  absl::Status SetState(std::vector<NamedTensor> state,
                        const at::Tensor& image) override;

 private:
  // Returns where the pair was accepted: [n, 1].
  at::Tensor AddPair(const LbfgsPoint& seen);

  const LbfgsOptions options_;
  const std::unique_ptr<CurvaturePairs> pairs_;
  LbfgsState state_;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LBFGS_H_
