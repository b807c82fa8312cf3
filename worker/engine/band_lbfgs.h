// L-BFGS for renders over several scales: each band of frequency and colour has
// a scale of its own in the initial inverse Hessian.
#ifndef ATELIER_WORKER_ENGINE_BAND_LBFGS_H_
#define ATELIER_WORKER_ENGINE_BAND_LBFGS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "worker/engine/band_scales.h"
#include "worker/engine/curvature_pairs.h"
#include "worker/engine/lbfgs.h"
#include "worker/engine/spectrum.h"

namespace atelier::engine {

/// As Lbfgs, but for the initial inverse Hessian and the first step. For RGB
/// images, [n, 3, h, w].
///
/// The loss of a convolutional network is steep in what changes from pixel to
/// pixel, and in luminance, and flat in the rest, which a history of a few
/// pairs cannot tell of a million pixels. Here each band is scaled by what the
/// history tells of it (BandScales): 500 iterations become some 250. The first
/// step is a tenth of the way that the gradient promises to a loss of 0: after
/// a much shorter one the change of gradient would be mostly rounding, and lead
/// all steps astray until the pair is forgotten. All goes on among the
/// coordinates of the spectrum, so that an iteration takes two transforms.
/// Figures: docs/adr/0016, 0017.
///
/// Pairs are kept as bfloat16: reading them is most of a step, and what they
/// tell is not more exact than that. Memory: an image for each pair, and about
/// fourteen more.
class BandLbfgs : public Stepper {
 public:
  /// For images of this size and of the type and device of `options`.
  using SpectrumFactory = std::function<std::unique_ptr<Spectrum>(
      int64_t height, int64_t width, const at::TensorOptions& options)>;

  explicit BandLbfgs(const LbfgsOptions& options);
  /// The same by other forms of the inverse Hessian and of the transforms.
  BandLbfgs(const LbfgsOptions& options, std::unique_ptr<CurvaturePairs> pairs,
            SpectrumFactory make_spectrum)
      : options_(options),
        pairs_(std::move(pairs)),
        make_spectrum_(std::move(make_spectrum)) {}

  at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                  const at::Tensor& gradient) override;
  void Restart(const at::Tensor& which) override;
  void Forget() override;
  std::vector<NamedTensor> State() const override;
  absl::Status SetState(std::vector<NamedTensor> state,
                        const at::Tensor& image) override;

 private:
  // For images of this shape from now on.
  void Prepare(const at::Tensor& image);
  // Returns where the pair was accepted: [n, 1].
  at::Tensor AddPair(const LbfgsPoint& seen);
  // The step along this direction, within the learning rate. What is left of
  // it goes into taken_.
  at::Tensor StepAlong(at::Tensor direction);

  const LbfgsOptions options_;
  const std::unique_ptr<CurvaturePairs> pairs_;
  const SpectrumFactory make_spectrum_;
  LbfgsState state_;
  std::unique_ptr<Spectrum> spectrum_;  // As Prepare made them.
  std::unique_ptr<BandScales> bands_;
  at::Tensor taken_;  // [n, coordinates]: the last step.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BAND_LBFGS_H_
