#include "worker/engine/band_lbfgs.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "common/status_macros.h"
#include "worker/engine/row_products.h"
#include "worker/engine/stepper_state.h"
#include "worker/engine/two_loop_pairs.h"

namespace atelier::engine {
namespace {

// The first step: of the way that the gradient promises to a loss of 0, and at
// most, in the root mean square of values.
constexpr double kFirstShare = 0.1;
constexpr double kMostFirstChange = 0.01;

// What the curvature is for a first step from there: [n, 1].
at::Tensor FirstCurvature(const LbfgsPoint& from) {
  const at::Tensor slope = Dot(from.gradient, from.gradient).sqrt_();
  const double most =
      kMostFirstChange * std::sqrt(static_cast<double>(from.values.size(1)));
  return (from.loss * kFirstShare / slope)
      .clamp_max_(most)
      .div_(slope)
      .masked_fill_(slope == 0, 0);
}

}  // namespace

BandLbfgs::BandLbfgs(const LbfgsOptions& options)
    : BandLbfgs(
          options,
          std::make_unique<TwoLoopPairs>(options.history, /*rounded=*/true),
          [](int64_t height, int64_t width, const at::TensorOptions& like) {
            return std::make_unique<Spectrum>(height, width, like);
          }) {}

void BandLbfgs::Prepare(const at::Tensor& image) {
  if (spectrum_ != nullptr) return;
  spectrum_ = make_spectrum_(image.size(2), image.size(3), image.options());
  bands_ = std::make_unique<BandScales>(*spectrum_, options_.history);
}

at::Tensor BandLbfgs::Step(const at::Tensor& image, const at::Tensor& loss,
                           const at::Tensor& gradient) {
  Prepare(image);
  const LbfgsPoint seen{image.flatten(1), loss.view({-1, 1}),
                        spectrum_->Of(gradient)};
  if (state_.empty()) {
    state_.Begin(seen, options_.learning_rate);
    state_.curvature = FirstCurvature(seen);
  } else {
    const at::Tensor learned = AddPair(seen);
    state_.KeepBetter(seen, learned);
  }
  at::Tensor direction =
      pairs_->TimesInverse(-state_.kept.gradient, [this](at::Tensor rows) {
        return bands_->Scaled(rows).mul_(state_.curvature);
      });
  return StepAlong(std::move(direction))
      .add_(state_.kept.values)
      .view_as(image);
}

at::Tensor BandLbfgs::AddPair(const LbfgsPoint& seen) {
  const LearnedPair learned =
      pairs_->Add(seen.gradient, [&](at::Tensor& step, at::Tensor& change) {
        step.copy_(taken_);
        at::sub_out(change, seen.gradient, state_.kept.gradient);
      });
  bands_->Add(learned.pair);
  bands_->Learn();
  state_.curvature = bands_->ScaleOfAll(state_.curvature);
  return learned.accepted;
}

at::Tensor BandLbfgs::StepAlong(at::Tensor direction) {
  const at::Tensor most = state_.rate.to(direction.scalar_type());
  direction.mul_(state_.length * most);
  const at::Tensor step = spectrum_->Pictures(direction);
  at::Tensor limited = step.flatten(1).clamp(-most, most);
  taken_ =
      spectrum_->OfLimited(limited.view_as(step), step, std::move(direction));
  return limited;
}

// The kept point stays, and so its gradient.
void BandLbfgs::Restart(const at::Tensor& which) {
  const at::Tensor row = which.view({-1, 1});
  pairs_->Clear(row);
  bands_->Clear(row);
  bands_->Learn();
  state_.curvature = bands_->ScaleOfAll(state_.curvature);
  // Steps were too long: not a longer one now.
  state_.Restart(row,
                 at::minimum(FirstCurvature(state_.kept), state_.curvature));
  taken_.masked_fill_(row, 0);
}

void BandLbfgs::Forget() {
  state_.kept = LbfgsPoint();
  pairs_->Forget();
  bands_.reset();
  spectrum_.reset();
  taken_ = at::Tensor();
}

std::vector<NamedTensor> BandLbfgs::State() const {
  if (state_.empty()) return {};
  std::vector<NamedTensor> state = state_.Named();
  state.push_back({"step", taken_});
  for (NamedTensor& part : pairs_->State()) state.push_back(std::move(part));
  return state;
}

absl::Status BandLbfgs::SetState(std::vector<NamedTensor> state,
                                 const at::Tensor& image) {
  Forget();
  StateReader reader(state);
  if (reader.AtEnd()) return absl::OkStatus();
  Prepare(image);
  const int64_t coordinates = spectrum_->coordinates();
  RETURN_IF_ERROR(state_.Take(reader, image.flatten(1), coordinates));
  RETURN_IF_ERROR(reader.Take("step", image.scalar_type(),
                              {image.size(0), coordinates}, &taken_));
  RETURN_IF_ERROR(pairs_->TakeState(reader, state_.kept.gradient));
  RETURN_IF_ERROR(reader.ExpectEnd());
  pairs_->ForEach(state_.kept.gradient,
                  [this](const CurvaturePair& pair) { bands_->Add(pair); });
  bands_->Learn();
  state_.curvature = bands_->ScaleOfAll(state_.curvature);
  return absl::OkStatus();
}

}  // namespace atelier::engine
