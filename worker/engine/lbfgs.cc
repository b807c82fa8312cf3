#include "worker/engine/lbfgs.h"

#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "common/status_macros.h"
#include "worker/engine/block_pairs.h"
#include "worker/engine/row_products.h"
#include "worker/engine/stepper_state.h"
#include "worker/engine/two_loop_pairs.h"

namespace atelier::engine {
namespace {

constexpr double kShortening = 0.5;
// The first step with scale_bands: of the way that the gradient promises to a
// loss of 0, and at most, in the root mean square of values.
constexpr double kFirstShare = 0.1;
constexpr double kMostFirstChange = 0.01;

// Row by row, because a sum over the rows of a batch is not divided among
// threads as that over a single one, and so not rounded alike.
at::Tensor SumOfMagnitudes(const at::Tensor& a) {
  std::vector<at::Tensor> rows(a.size(0));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = a[i].abs().sum();
  return at::stack(rows).unsqueeze_(1);
}

}  // namespace

bool Lbfgs::IsAsOnGpu(const at::Tensor& image) const {
  return options_.as_on_gpu || !image.is_cpu();
}

void Lbfgs::Prepare(const at::Tensor& image) {
  if (pairs_ != nullptr) return;
  if (options_.scale_bands) {
    bands_ = std::make_unique<BandScales>(
        Spectrum(image.size(2), image.size(3), image.options(),
                 options_.as_on_gpu),
        options_.history);
  }
  if (IsAsOnGpu(image)) {
    pairs_ = std::make_unique<BlockPairs>(options_.history);
  } else {
    pairs_ = std::make_unique<TwoLoopPairs>(options_.history,
                                            /*rounded=*/options_.scale_bands);
  }
}

at::Tensor Lbfgs::Step(const at::Tensor& image, const at::Tensor& loss,
                       const at::Tensor& gradient) {
  Prepare(image);
  const Point seen{image.flatten(1), loss.view({-1, 1}),
                   bands_ == nullptr ? gradient.flatten(1)
                                     : bands_->spectrum().Of(gradient)};
  if (!kept_.values.defined()) {
    Begin(seen);
  } else {
    const at::Tensor learned = Remember(seen);
    KeepBetter(seen, learned);
  }
  return StepAlong(Direction()).add_(kept_.values).view_as(image);
}

at::Tensor Lbfgs::StepAlong(at::Tensor direction) {
  const at::Tensor most = rate_.to(direction.scalar_type());
  direction.mul_(length_ * most);
  if (bands_ == nullptr) return direction.clamp_(-most, most);
  const Spectrum& spectrum = bands_->spectrum();
  const at::Tensor step = spectrum.Pictures(direction);
  const at::Tensor limited = step.flatten(1).clamp(-most, most);
  if (IsAsOnGpu(step)) {
    // Asking whether anything was cut would be a wait.
    taken_ = spectrum.Of(limited.view_as(step));
    return limited;
  }
  taken_ = std::move(direction);
  const at::Tensor cut = (limited != step.flatten(1)).any(1, /*keepdim=*/true);
  if (cut.any().item<bool>()) {  // Rare.
    taken_ = at::where(cut, spectrum.Of(limited.view_as(step)), taken_);
  }
  return limited;
}

at::Tensor Lbfgs::FirstCurvature() const {
  if (bands_ == nullptr) {
    return SumOfMagnitudes(kept_.gradient).reciprocal_().clamp_max_(1.0);
  }
  const at::Tensor slope = Dot(kept_.gradient, kept_.gradient).sqrt_();
  const double most =
      kMostFirstChange * std::sqrt(static_cast<double>(kept_.values.size(1)));
  return (kept_.loss * kFirstShare / slope)
      .clamp_max_(most)
      .div_(slope)
      .masked_fill_(slope == 0, 0);
}

void Lbfgs::Begin(const Point& seen) {
  kept_ = seen;
  curvature_ = FirstCurvature();
  length_ = at::ones_like(seen.loss);
  if (!rate_.defined()) {
    rate_ = at::full_like(seen.loss, options_.learning_rate);
  }
}

at::Tensor Lbfgs::Remember(const Point& seen) {
  const LearnedPair learned =
      pairs_->Add(seen.gradient, [&](at::Tensor& step, at::Tensor& change) {
        if (bands_ == nullptr) {
          at::sub_out(step, seen.values, kept_.values);
        } else {
          step.copy_(taken_);
        }
        at::sub_out(change, seen.gradient, kept_.gradient);
      });
  if (bands_ == nullptr) {
    curvature_ =
        at::where(learned.accepted, learned.curvature / learned.change_squared,
                  curvature_);
  } else {
    bands_->Add(learned.pair);
    bands_->Learn();
    curvature_ = bands_->ScaleOfAll(curvature_);
  }
  return learned.accepted;
}

void Lbfgs::KeepBetter(const Point& seen, const at::Tensor& learned) {
  const at::Tensor better = seen.loss <= kept_.loss;
  // Usual; but only a CPU can be asked without a wait.
  if (better.is_cpu() && better.all().item<bool>()) {
    kept_ = seen;
  } else {
    kept_.values = at::where(better, seen.values, kept_.values);
    kept_.loss = at::where(better, seen.loss, kept_.loss);
    kept_.gradient = at::where(better, seen.gradient, kept_.gradient);
  }
  // A curvature learned makes the next direction another, and shorter where it
  // was too long; without one it would lead to the same point again.
  length_ = at::where(learned, length_, length_ * kShortening);
  length_.masked_fill_(better, 1);
}

at::Tensor Lbfgs::Direction() const {
  return pairs_->TimesInverse(-kept_.gradient, [this](at::Tensor rows) {
    if (bands_ != nullptr) rows = bands_->Scaled(rows);
    return rows.mul_(curvature_);
  });
}

// The kept point stays, and so its gradient: the next step is a first one.
void Lbfgs::Restart(const at::Tensor& which) {
  const at::Tensor row = which.view({-1, 1});
  pairs_->Clear(row);
  at::Tensor first = FirstCurvature();
  if (bands_ != nullptr) {
    bands_->Clear(row);
    bands_->Learn();
    curvature_ = bands_->ScaleOfAll(curvature_);
    // Steps were too long: not a longer one now.
    first = at::minimum(first, curvature_);
    taken_.masked_fill_(row, 0);
  }
  curvature_ = at::where(row, first, curvature_);
  length_.masked_fill_(row, 1);
  rate_ = at::where(row, rate_ * kShorterSteps, rate_);
}

void Lbfgs::Forget() {
  kept_ = Point();
  pairs_.reset();
  bands_.reset();
  taken_ = at::Tensor();
}

std::vector<NamedTensor> Lbfgs::State() const {
  if (!kept_.values.defined()) return {};
  std::vector<NamedTensor> state = {{"kept values", kept_.values},
                                    {"kept loss", kept_.loss},
                                    {"kept gradient", kept_.gradient},
                                    {"curvature", curvature_},
                                    {"length", length_},
                                    {"rate", rate_}};
  if (bands_ != nullptr) state.push_back({"step", taken_});
  for (NamedTensor& part : pairs_->State()) state.push_back(std::move(part));
  return state;
}

absl::Status Lbfgs::SetState(std::vector<NamedTensor> state,
                             const at::Tensor& image) {
  Forget();
  StateReader reader(state);
  if (reader.AtEnd()) return absl::OkStatus();
  Prepare(image);
  const std::vector<int64_t> values = image.flatten(1).sizes().vec();
  std::vector<int64_t> all = values;
  if (bands_ != nullptr) all[1] = bands_->spectrum().coordinates();
  const std::vector<int64_t> row = {all[0], 1};
  const at::ScalarType type = image.scalar_type();
  RETURN_IF_ERROR(reader.Take("kept values", type, values, &kept_.values));
  RETURN_IF_ERROR(reader.Take("kept loss", type, row, &kept_.loss));
  RETURN_IF_ERROR(reader.Take("kept gradient", type, all, &kept_.gradient));
  RETURN_IF_ERROR(reader.Take("curvature", type, row, &curvature_));
  RETURN_IF_ERROR(reader.Take("length", type, row, &length_));
  RETURN_IF_ERROR(reader.Take("rate", type, row, &rate_));
  if (bands_ != nullptr) {
    RETURN_IF_ERROR(reader.Take("step", type, all, &taken_));
  }
  RETURN_IF_ERROR(pairs_->TakeState(reader, kept_.gradient));
  RETURN_IF_ERROR(reader.ExpectEnd());
  if (bands_ != nullptr) {
    pairs_->ForEach(kept_.gradient,
                    [this](const CurvaturePair& pair) { bands_->Add(pair); });
    bands_->Learn();
    curvature_ = bands_->ScaleOfAll(curvature_);
  }
  return absl::OkStatus();
}

}  // namespace atelier::engine
