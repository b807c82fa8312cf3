#include "worker/engine/losses.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

double GramLossFactor(int64_t channels, const StyleReduction& how) {
  const double squared = static_cast<double>(channels) * channels;
  const double reduction = how.sum_squares ? 1 : 1 / squared;
  return how.per_channels_squared == 0
             ? reduction
             : reduction * how.per_channels_squared / squared;
}

// Adds the sum of absolute differences along `dimension` to `term`.
void AddVariation(const at::Tensor& image, int64_t dimension, Term& term) {
  const int64_t steps = image.size(dimension) - 1;
  const at::Tensor step =
      image.narrow(dimension, 1, steps) - image.narrow(dimension, 0, steps);
  term.value += step.abs().sum({1, 2, 3});
  if (!term.gradient.defined()) return;
  const at::Tensor sign = step.sign();
  term.gradient.narrow(dimension, 1, steps).add_(sign);
  term.gradient.narrow(dimension, 0, steps).sub_(sign);
}

}  // namespace

double GramDivisor(const StyleReduction& how, int64_t channels, double pixels) {
  return how.divide_gram_by_channels ? pixels * static_cast<double>(channels)
                                     : pixels;
}

Term ContentTerm(const at::Tensor& features, const at::Tensor& target,
                 bool with_gradient) {
  at::Tensor difference = features - target;
  Term term;
  term.value = difference.square().mean({1, 2, 3});
  if (with_gradient) {
    const int64_t elements = features[0].numel();
    term.gradient = difference.mul_(2.0 / static_cast<double>(elements));
  }
  return term;
}

Term StyleTerm(const at::Tensor& gram, const at::Tensor& target,
               const StyleReduction& how, bool with_gradient) {
  const double factor = GramLossFactor(gram.size(1), how);
  const at::Tensor difference = gram - target;
  Term term;
  term.value = difference.square().sum({1, 2}) * factor;
  if (with_gradient) term.gradient = difference * (2 * factor);
  return term;
}

double LayerFactor(const StyleReduction& how, int layers) {
  return how.mean_over_layers ? 1.0 / layers : 1.0;
}

Term TotalVariation(const at::Tensor& image, bool with_gradient) {
  Term term;
  term.value = at::zeros({image.size(0)}, image.options());
  if (with_gradient) term.gradient = at::zeros_like(image);
  AddVariation(image, 2, term);
  AddVariation(image, 3, term);
  return term;
}

}  // namespace atelier::engine
