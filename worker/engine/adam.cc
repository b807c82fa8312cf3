#include "worker/engine/adam.h"

#include <ATen/ATen.h>

#include "common/status_macros.h"
#include "worker/engine/stepper_state.h"

namespace atelier::engine {

at::Tensor Adam::Step(const at::Tensor& image, const at::Tensor&,
                      const at::Tensor& gradient) {
  const at::Tensor slope = gradient.flatten(1);
  if (!mean_.defined()) {
    mean_ = at::zeros_like(slope);
    square_ = at::zeros_like(slope);
    mean_decay_ =
        at::ones({slope.size(0), 1}, slope.options().dtype(at::kDouble));
    square_decay_ = at::ones_like(mean_decay_);
    if (!rate_.defined()) {
      rate_ = at::full_like(mean_decay_, options_.learning_rate);
    }
  }
  mean_.mul_(options_.beta1).add_(slope, 1 - options_.beta1);
  square_.mul_(options_.beta2).addcmul_(slope, slope, 1 - options_.beta2);
  mean_decay_.mul_(options_.beta1);
  square_decay_.mul_(options_.beta2);

  const at::ScalarType type = slope.scalar_type();
  const at::Tensor rate = (rate_ / (1 - mean_decay_)).to(type);
  const at::Tensor root_bias = (1 - square_decay_).sqrt_().to(type);
  const at::Tensor scale =
      square_.sqrt().div_(root_bias).add_(options_.epsilon);
  const at::Tensor step = (mean_ * rate).div_(scale);
  return (image.flatten(1) - step).view_as(image);
}

void Adam::Restart(const at::Tensor& which) {
  const at::Tensor row = which.view({-1, 1});
  mean_.masked_fill_(row, 0);
  square_.masked_fill_(row, 0);
  mean_decay_.masked_fill_(row, 1);
  square_decay_.masked_fill_(row, 1);
  rate_ = at::where(row, rate_ * kShorterSteps, rate_);
}

void Adam::Forget() {
  mean_ = square_ = mean_decay_ = square_decay_ = at::Tensor();
}

std::vector<NamedTensor> Adam::State() const {
  if (!mean_.defined()) return {};
  return {{"mean", mean_},
          {"square", square_},
          {"mean decay", mean_decay_},
          {"square decay", square_decay_},
          {"rate", rate_}};
}

absl::Status Adam::SetState(std::vector<NamedTensor> state,
                            const at::Tensor& image) {
  const at::Tensor values = image.flatten(1);
  const at::ScalarType type = values.scalar_type();
  const std::vector<int64_t> row = {values.size(0), 1};
  StateReader reader(state);
  if (reader.AtEnd()) return absl::OkStatus();
  RETURN_IF_ERROR(reader.Take("mean", type, values.sizes(), &mean_));
  RETURN_IF_ERROR(reader.Take("square", type, values.sizes(), &square_));
  RETURN_IF_ERROR(reader.Take("mean decay", at::kDouble, row, &mean_decay_));
  RETURN_IF_ERROR(
      reader.Take("square decay", at::kDouble, row, &square_decay_));
  RETURN_IF_ERROR(reader.Take("rate", at::kDouble, row, &rate_));
  return reader.ExpectEnd();
}

}  // namespace atelier::engine
