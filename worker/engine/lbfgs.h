// L-BFGS that asks the device nothing, with acceptance of steps in place of a
// line search.
#ifndef ATELIER_WORKER_ENGINE_LBFGS_H_
#define ATELIER_WORKER_ENGINE_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "worker/engine/band_scales.h"
#include "worker/engine/curvature_pairs.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

struct LbfgsOptions {
  /// Factor on every step, and the most that any value changes in one.
  double learning_rate = 1;
  int history = 10;  ///< Curvature pairs kept: 1 to 100.
  /// Whether the initial inverse Hessian has a scale for each band of
  /// frequency and colour, in place of one for all. For RGB [n, 3, h, w].
  bool scale_bands = false;
  /// For tests: as on a GPU, wherever the images are.
  bool as_on_gpu = false;
};

/// Keeps the best point seen and steps from there. The first step without
/// `scale_bands` is min(1, 1/|gradient|_1) down the gradient, as
/// torch.optim.LBFGS has it; later ones are the gradient times the inverse
/// Hessian that the last steps tell of. A point that is no better is left, but
/// what it told of the curvature is kept and bends the next direction; only
/// where it told nothing is the next step half as long. So each evaluation is
/// of use, and the loss at the kept point never rises.
///
/// The loss of a convolutional network is steep in what changes from pixel to
/// pixel, and in luminance, and flat in the rest, which a history of a few
/// pairs cannot tell of a million pixels. With `scale_bands` each band is
/// scaled by what the history tells of it (BandScales): 500 iterations become
/// some 250. The first step is then a tenth of the way that the gradient
/// promises to a loss of 0: after a much shorter one the change of gradient
/// would be mostly rounding, and lead all steps astray until the pair is
/// forgotten. All goes on among the coordinates of the spectrum, so that an
/// iteration takes two transforms. Figures: docs/adr/0016, 0017.
///
/// On a CPU the direction is that of the two loops, and with `scale_bands`
/// pairs are kept as bfloat16: reading them is most of a step, and what they
/// tell is not more exact than that. On a GPU launches are most of a step, and
/// it is that of the block form, from pairs in the type of gradients:
/// docs/adr/0018.
///
/// Every decision is a mask on the device, made per image. Memory: two images
/// for each pair of the history, one with `scale_bands` on a CPU, and about six
/// more; eight more with `scale_bands`.
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
  // Gradients and steps are in coordinates: those of the spectrum with
  // scale_bands, and the values themselves without.
  struct Point {
    at::Tensor values;    // [n, values]
    at::Tensor loss;      // [n, 1]
    at::Tensor gradient;  // [n, coordinates]
  };

  bool IsAsOnGpu(const at::Tensor& image) const;
  // For images of this shape from now on.
  void Prepare(const at::Tensor& image);
  void Begin(const Point& seen);
  // What curvature_ is for a first step from the kept point: [n, 1].
  at::Tensor FirstCurvature() const;
  // Returns where the pair was accepted: [n, 1].
  at::Tensor Remember(const Point& seen);
  void KeepBetter(const Point& seen, const at::Tensor& learned);
  at::Tensor Direction() const;
  // The step in this direction, within the learning rate. What is left of it
  // goes into taken_.
  at::Tensor StepAlong(at::Tensor direction);

  const LbfgsOptions options_;
  Point kept_;
  std::unique_ptr<CurvaturePairs> pairs_;  // As Prepare made them.
  at::Tensor curvature_;  // [n, 1]: scale of the initial inverse Hessian.
  at::Tensor length_;     // [n, 1]: of the next step; 1 after a better point.
  at::Tensor rate_;       // [n, 1]: the learning rate.
  // With scale_bands only:
  std::unique_ptr<BandScales> bands_;
  at::Tensor taken_;  // [n, coordinates]: the last step.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LBFGS_H_
