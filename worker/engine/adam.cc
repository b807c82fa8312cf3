#include "worker/engine/adam.h"

#include <ATen/ATen.h>

#include <cmath>

namespace atelier::engine {

at::Tensor Adam::Step(const at::Tensor& image, const at::Tensor&,
                      const at::Tensor& gradient) {
  if (steps_ == 0) {
    mean_ = at::zeros_like(image);
    square_ = at::zeros_like(image);
  }
  ++steps_;
  mean_.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  square_.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const double mean_bias = 1 - std::pow(options_.beta1, steps_);
  const double square_bias = 1 - std::pow(options_.beta2, steps_);
  const at::Tensor scale =
      square_.sqrt().div_(std::sqrt(square_bias)).add_(options_.epsilon);
  return at::addcdiv(image, mean_, scale, -options_.learning_rate / mean_bias);
}

}  // namespace atelier::engine
