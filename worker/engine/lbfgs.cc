#include "worker/engine/lbfgs.h"

#include <ATen/ATen.h>

#include <utility>

#include "common/status_macros.h"
#include "worker/engine/stepper_state.h"
#include "worker/engine/two_loop_pairs.h"

namespace atelier::engine {
namespace {

constexpr double kShortening = 0.5;

// What the curvature is for a first step down this gradient: [n, 1]. Row by
// row, because a sum over the rows of a batch is not divided among threads as
// that over a single one, and so not rounded alike.
at::Tensor FirstCurvature(const at::Tensor& gradient) {
  std::vector<at::Tensor> rows(gradient.size(0));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = gradient[i].abs().sum();
  return at::stack(rows).unsqueeze_(1).reciprocal_().clamp_max_(1.0);
}

}  // namespace

void LbfgsState::Begin(const LbfgsPoint& seen, double learning_rate) {
  kept = seen;
  length = at::ones_like(seen.loss);
  if (!rate.defined()) rate = at::full_like(seen.loss, learning_rate);
}

void LbfgsState::KeepBetter(const LbfgsPoint& seen, const at::Tensor& learned) {
  const at::Tensor better = seen.loss <= kept.loss;
  // Usual; but only a CPU can be asked without a wait.
  if (better.is_cpu() && better.all().item<bool>()) {
    kept = seen;
  } else {
    kept.values = at::where(better, seen.values, kept.values);
    kept.loss = at::where(better, seen.loss, kept.loss);
    kept.gradient = at::where(better, seen.gradient, kept.gradient);
  }
  length = at::where(learned, length, length * kShortening);
  length.masked_fill_(better, 1);
}

void LbfgsState::Restart(const at::Tensor& which,
                         const at::Tensor& first_curvature) {
  curvature = at::where(which, first_curvature, curvature);
  length.masked_fill_(which, 1);
  rate = at::where(which, rate * kShorterSteps, rate);
}

std::vector<NamedTensor> LbfgsState::Named() const {
  return {{"kept values", kept.values},
          {"kept loss", kept.loss},
          {"kept gradient", kept.gradient},
          {"curvature", curvature},
          {"length", length},
          {"rate", rate}};
}

absl::Status LbfgsState::Take(StateReader& reader, const at::Tensor& like,
                              int64_t coordinates) {
  const at::ScalarType type = like.scalar_type();
  const int64_t images = like.size(0);
  const std::vector<int64_t> row = {images, 1};
  RETURN_IF_ERROR(reader.Take("kept values", type, like.sizes(), &kept.values));
  RETURN_IF_ERROR(reader.Take("kept loss", type, row, &kept.loss));
  RETURN_IF_ERROR(reader.Take("kept gradient", type, {images, coordinates},
                              &kept.gradient));
  RETURN_IF_ERROR(reader.Take("curvature", type, row, &curvature));
  RETURN_IF_ERROR(reader.Take("length", type, row, &length));
  return reader.Take("rate", type, row, &rate);
}

Lbfgs::Lbfgs(const LbfgsOptions& options)
    : Lbfgs(options, std::make_unique<TwoLoopPairs>(options.history,
                                                    /*rounded=*/false)) {}

at::Tensor Lbfgs::Step(const at::Tensor& image, const at::Tensor& loss,
                       const at::Tensor& gradient) {
  const LbfgsPoint seen{image.flatten(1), loss.view({-1, 1}),
                        gradient.flatten(1)};
  if (state_.empty()) {
    state_.Begin(seen, options_.learning_rate);
    state_.curvature = FirstCurvature(seen.gradient);
  } else {
    const at::Tensor learned = AddPair(seen);
    state_.KeepBetter(seen, learned);
  }
  const at::Tensor direction = pairs_->TimesInverse(
      -state_.kept.gradient,
      [this](at::Tensor rows) { return rows.mul_(state_.curvature); });
  const at::Tensor most = state_.rate.to(direction.scalar_type());
  return direction.mul_(state_.length * most)
      .clamp_(-most, most)
      .add_(state_.kept.values)
      .view_as(image);
}

at::Tensor Lbfgs::AddPair(const LbfgsPoint& seen) {
  const LearnedPair learned =
      pairs_->Add(seen.gradient, [&](at::Tensor& step, at::Tensor& change) {
        at::sub_out(step, seen.values, state_.kept.values);
        at::sub_out(change, seen.gradient, state_.kept.gradient);
      });
  state_.curvature =
      at::where(learned.accepted, learned.curvature / learned.change_squared,
                state_.curvature);
  return learned.accepted;
}

// The kept point stays, and so its gradient.
void Lbfgs::Restart(const at::Tensor& which) {
  const at::Tensor row = which.view({-1, 1});
  pairs_->Clear(row);
  state_.Restart(row, FirstCurvature(state_.kept.gradient));
}

void Lbfgs::Forget() {
  state_.kept = LbfgsPoint();
  pairs_->Forget();
}

std::vector<NamedTensor> Lbfgs::State() const {
  if (state_.empty()) return {};
  std::vector<NamedTensor> state = state_.Named();
  for (NamedTensor& part : pairs_->State()) state.push_back(std::move(part));
  return state;
}

absl::Status Lbfgs::SetState(std::vector<NamedTensor> state,
                             const at::Tensor& image) {
  Forget();
  StateReader reader(state);
  if (reader.AtEnd()) return absl::OkStatus();
  const at::Tensor like = image.flatten(1);
  RETURN_IF_ERROR(state_.Take(reader, like, like.size(1)));
  RETURN_IF_ERROR(pairs_->TakeState(reader, state_.kept.gradient));
  return reader.ExpectEnd();
}

}  // namespace atelier::engine
