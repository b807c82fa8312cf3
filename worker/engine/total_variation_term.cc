#include "worker/engine/total_variation_term.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

// The network's gradient, its own, and the neighbours' differences with their
// signs.
constexpr int64_t kImages = 4;

// Adds the sum of absolute differences along `dimension` to `loss`.
void AddVariation(const at::Tensor& image, int64_t dimension,
                  LossAndGradient& loss) {
  const int64_t steps = image.size(dimension) - 1;
  const at::Tensor step =
      image.narrow(dimension, 1, steps) - image.narrow(dimension, 0, steps);
  loss.value += step.abs().sum({1, 2, 3});
  if (!loss.gradient.defined()) return;
  const at::Tensor sign = step.sign();
  loss.gradient.narrow(dimension, 1, steps).add_(sign);
  loss.gradient.narrow(dimension, 0, steps).sub_(sign);
}

class Variation : public Term {
 public:
  at::Tensor EvaluatePixels(const at::Tensor& input, const ImageFactor& weight,
                            at::Tensor& gradient) override {
    const LossAndGradient loss = TotalVariation(input, !weight.IsZero());
    if (loss.gradient.defined()) {
      gradient = gradient + weight.Multiply(loss.gradient);
    }
    return loss.value;
  }
};

}  // namespace

const TermKind kTotalVariationTerm = {
    "total_variation",
    "total variation",
    [](const RenderParams& params) { return params.tv_weight; },
    [](const RenderParams&, NetworkOptions&) {},
    [](const RenderParams&, const TermShape& shape) {
      return TermBytes{0, kImages * shape.image_bytes};
    },
    [](const RenderParams&, const NetworkOptions&) -> std::unique_ptr<Term> {
      return std::make_unique<Variation>();
    }};

LossAndGradient TotalVariation(const at::Tensor& image, bool with_gradient) {
  LossAndGradient loss;
  loss.value = at::zeros({image.size(0)}, image.options());
  if (with_gradient) loss.gradient = at::zeros_like(image);
  AddVariation(image, 2, loss);
  AddVariation(image, 3, loss);
  return loss;
}

}  // namespace atelier::engine
