// L-BFGS that asks the device nothing: Nocedal and Wright, Numerical
// Optimization, algorithm 7.4, with acceptance of steps in place of a line
// search.
#ifndef ATELIER_WORKER_ENGINE_LBFGS_H_
#define ATELIER_WORKER_ENGINE_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "worker/engine/spectrum.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

struct LbfgsOptions {
  /// Factor on every step, and the most that any value changes in one.
  double learning_rate = 1;
  int history = 10;  ///< Curvature pairs kept: 1 to 100.
  /// Whether the initial inverse Hessian has a scale for each band of
  /// frequency and colour, in place of one for all. For RGB [n, 3, h, w].
  bool scale_bands = false;
};

/// Keeps the best point seen and steps from there. The first step without
/// `scale_bands` is min(1, 1/|gradient|_1) down the gradient, as
/// torch.optim.LBFGS has it; later ones are the two-loop direction. A point
/// that is no better is left, but what it told of the curvature is kept and
/// bends the next direction; only where it told nothing is the next step half
/// as long. So each evaluation is of use, and the loss at the kept point never
/// rises.
///
/// The loss of a convolutional network is steep in what changes from pixel to
/// pixel, and in luminance, and flat in the rest, which a history of a few
/// pairs cannot tell of a million pixels. With `scale_bands` each band is
/// scaled by how far it went for how much its gradient changed, and all by a
/// mean of step lengths (Barzilai and Borwein, Two-point step size gradient
/// methods), both over the history, the youngest pairs first: 500 iterations
/// become some 250. The first step is then a tenth of the way that the gradient
/// promises to a loss of 0: after a much shorter one the change of gradient
/// would be mostly rounding, and lead all steps astray until the pair is
/// forgotten. All goes on among the coordinates of the spectrum, so that an
/// iteration takes two transforms. Pairs are then kept as bfloat16: reading
/// them is most of a step, and what they tell is not more exact than that.
/// Figures: docs/adr/0016, 0017.
///
/// Every decision is a mask on the device, made per image. Memory: two images
/// for each pair of the history, one with `scale_bands`, and about six more;
/// eight more with `scale_bands`.
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
  // A step and the change of gradient along it, both zero where the curvature
  // was not positive.
  struct Pair {
    at::Tensor step;     // [n, coordinates]
    at::Tensor change;   // [n, coordinates]
    at::Tensor inverse;  // [n, 1]: 1/(step·change), or 0.
    // With scale_bands, all over |change|², or 0:
    at::Tensor step_energies;    // [n, 3, bands]
    at::Tensor change_energies;  // [n, 3, bands]
    at::Tensor scale;            // [n, 1]: of step·change.
  };

  void Begin(const Point& seen);
  // What curvature_ is for a first step from the kept point: [n, 1].
  at::Tensor FirstCurvature() const;
  // Returns where the pair was accepted: [n, 1].
  at::Tensor Remember(const Point& seen);
  // Of pairs, where gradients are like this one.
  at::ScalarType PairType(const at::Tensor& like) const;
  // The oldest pair's memory, once there are as many as there may be.
  Pair NextPair(const at::Tensor& like);
  void KeepBetter(const Point& seen, const at::Tensor& learned);
  at::Tensor Direction() const;
  // The step in this direction, within the learning rate. What is left of it
  // goes into taken_.
  at::Tensor StepAlong(at::Tensor direction);
  // With scale_bands, for images of this shape from now on.
  void PrepareSpectrum(const at::Tensor& image);
  // The step and the change as they are kept, in the type of gradients, one
  // below the other: [2n, coordinates]. Undefined without scale_bands.
  at::Tensor BothOf(const Pair& pair, const at::TensorOptions& options) const;
  void MeasureBands(const at::Tensor& both, Pair& pair) const;
  // With scale_bands: band_scales_ and curvature_ from the pairs.
  void LearnScales();
  // Each row times the initial inverse Hessian, but for curvature_.
  at::Tensor ScaleBands(const at::Tensor& rows) const;

  const LbfgsOptions options_;
  Point kept_;
  std::deque<Pair> pairs_;  // Oldest first.
  at::Tensor curvature_;    // [n, 1]: scale of the initial inverse Hessian.
  at::Tensor length_;       // [n, 1]: of the next step; 1 after a better point.
  at::Tensor rate_;         // [n, 1]: the learning rate.
  // With scale_bands only:
  std::unique_ptr<Spectrum> spectrum_;
  at::Tensor taken_;        // [n, coordinates]: the last step.
  at::Tensor band_scales_;  // [n, 3, bands]
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LBFGS_H_
