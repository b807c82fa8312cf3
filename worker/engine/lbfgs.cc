#include "worker/engine/lbfgs.h"

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/row_products.h"
#include "worker/engine/stepper_state.h"

namespace atelier::engine {
namespace {

// Below this cosine between step and change of gradient, float32 knows nothing
// of the curvature but rounding.
constexpr double kLeastCosine = 1e-6;
constexpr double kShortening = 0.5;
// What a pair counts for in the bands' scales, and in the scale of them all,
// against the next younger one.
constexpr double kBandFading = 0.6;
constexpr double kScaleFading = 0.92;
// A band's scale over all bands' is from 1/this to this.
constexpr double kMostBandScale = 1e3;
// Where the scale of all bands lies between the shorter and the longer of
// Barzilai and Borwein's step lengths, by logarithm.
constexpr double kTowardsLonger = 0.2;
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

// Values of pairs, the youngest last, [..., pairs]: each times `fading` as
// often as there are younger ones.
at::Tensor WeightedByAge(const at::Tensor& values, double fading) {
  const int64_t pairs = values.size(-1);
  return values *
         at::pow(fading, at::arange(pairs - 1, -1, -1, values.options()));
}

// Sums over colours and bands: [n, 3, bands, pairs] to [n, pairs]. Over what
// lies side by side, or a batch's would be rounded otherwise.
at::Tensor SumOverBands(const at::Tensor& values) {
  return values.flatten(1, 2).transpose(1, 2).contiguous().sum(-1);
}

// Of [2n, ...].
std::pair<at::Tensor, at::Tensor> Halves(const at::Tensor& both) {
  const int64_t half = both.size(0) / 2;
  return {both.narrow(0, 0, half), both.narrow(0, half, half)};
}

// Of energies [n, 3, bands, pairs], the oldest pair first: how far each band
// went for how much it changed, against all of them, [n, 3, bands].
at::Tensor BandScales(const at::Tensor& steps, const at::Tensor& changes) {
  const at::Tensor gone = WeightedByAge(steps, kBandFading).sum(-1);
  const at::Tensor changed = WeightedByAge(changes, kBandFading).sum(-1);
  const at::Tensor all = gone.sum({1, 2}, true) / changed.sum({1, 2}, true);
  const at::Tensor scales =
      (gone / changed / all).sqrt_().clamp_(1 / kMostBandScale, kMostBandScale);
  // Of an image without pairs, nothing is known.
  return scales.masked_fill(scales.isnan(), 1);
}

// Likewise, with each pair's scale, [n, pairs]: the scale of all bands, [n, 1],
// of no meaning where no pair has one.
at::Tensor MeanCurvature(const at::Tensor& steps, const at::Tensor& changes,
                         const at::Tensor& scales,
                         const at::Tensor& band_scales) {
  const at::Tensor by_band = band_scales.unsqueeze(-1);
  const at::Tensor shorter = scales / SumOverBands(changes * by_band);
  const at::Tensor longer = SumOverBands(steps / by_band) / scales;
  const at::Tensor known = scales > 0;
  const at::Tensor weights =
      WeightedByAge(known.to(scales.scalar_type()), kScaleFading);
  // Row by row: logarithms may be rounded otherwise at another offset.
  std::vector<at::Tensor> means(scales.size(0));
  for (int64_t i = 0; i < scales.size(0); ++i) {
    const at::Tensor logarithms = (shorter[i].log() * (1 - kTowardsLonger) +
                                   longer[i].log() * kTowardsLonger)
                                      .masked_fill_(known[i].logical_not(), 0);
    means[i] = ((logarithms * weights[i]).sum() / weights[i].sum()).exp();
  }
  return at::stack(means).unsqueeze_(1);
}

}  // namespace

at::Tensor Lbfgs::Step(const at::Tensor& image, const at::Tensor& loss,
                       const at::Tensor& gradient) {
  PrepareSpectrum(image);
  const Point seen{
      image.flatten(1), loss.view({-1, 1}),
      spectrum_ == nullptr ? gradient.flatten(1) : spectrum_->Of(gradient)};
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
  if (spectrum_ == nullptr) return direction.clamp_(-most, most);
  taken_ = std::move(direction);
  const at::Tensor step = spectrum_->Pictures(taken_);
  const at::Tensor limited = step.flatten(1).clamp(-most, most);
  const at::Tensor cut = (limited != step.flatten(1)).any(1, /*keepdim=*/true);
  // Rare; but only a CPU can be asked without a wait.
  if (!cut.is_cpu() || cut.any().item<bool>()) {
    taken_ = at::where(cut, spectrum_->Of(limited.view_as(step)), taken_);
  }
  return limited;
}

at::Tensor Lbfgs::FirstCurvature() const {
  if (spectrum_ == nullptr) {
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
  Pair pair = NextPair(seen.gradient);
  if (spectrum_ == nullptr) {
    at::sub_out(pair.step, seen.values, kept_.values);
    at::sub_out(pair.change, seen.gradient, kept_.gradient);
  } else {
    pair.step.copy_(taken_);
    pair.change.copy_(seen.gradient - kept_.gradient);
  }
  const at::Tensor both = BothOf(pair, seen.gradient.options());
  const auto [step, change] =
      both.defined() ? Halves(both) : std::make_pair(pair.step, pair.change);
  const at::Tensor curvature = Dot(step, change);
  const at::Tensor change_squared = Dot(change, change);
  const at::Tensor lengths = Dot(step, step).mul_(change_squared).sqrt_();
  // NaN is never accepted.
  const at::Tensor accepted = curvature > lengths * kLeastCosine;
  const at::Tensor refused = accepted.logical_not();
  pair.step.masked_fill_(refused, 0);
  pair.change.masked_fill_(refused, 0);
  if (both.defined()) both.masked_fill_(refused.repeat({2, 1}), 0);
  pair.inverse = curvature.reciprocal().masked_fill_(refused, 0);
  MeasureBands(both, pair);
  pairs_.push_back(std::move(pair));
  if (spectrum_ == nullptr) {
    curvature_ = at::where(accepted, curvature / change_squared, curvature_);
  } else {
    LearnScales();
  }
  return accepted;
}

at::ScalarType Lbfgs::PairType(const at::Tensor& like) const {
  return options_.scale_bands ? at::kBFloat16 : like.scalar_type();
}

Lbfgs::Pair Lbfgs::NextPair(const at::Tensor& like) {
  if (static_cast<int>(pairs_.size()) < options_.history) {
    const at::TensorOptions options = like.options().dtype(PairType(like));
    Pair pair;
    pair.step = at::empty(like.sizes(), options);
    pair.change = at::empty(like.sizes(), options);
    return pair;
  }
  Pair oldest = std::move(pairs_.front());
  pairs_.pop_front();
  return oldest;
}

void Lbfgs::KeepBetter(const Point& seen, const at::Tensor& learned) {
  const at::Tensor better = seen.loss <= kept_.loss;
  kept_.values = at::where(better, seen.values, kept_.values);
  kept_.loss = at::where(better, seen.loss, kept_.loss);
  kept_.gradient = at::where(better, seen.gradient, kept_.gradient);
  // A curvature learned makes the next direction another, and shorter where it
  // was too long; without one it would lead to the same point again.
  length_ = at::where(learned, length_, length_ * kShortening);
  length_.masked_fill_(better, 1);
}

at::Tensor Lbfgs::Direction() const {
  at::Tensor direction = -kept_.gradient;
  const size_t count = pairs_.size();
  if (count == 0) return direction.mul_(curvature_);
  // A vector is read once for what is added to it and the next product.
  std::vector<at::Tensor> along(count);
  at::Tensor product = Dot(pairs_.back().step, direction);
  for (size_t i = count; i-- > 0;) {
    along[i] = product * pairs_[i].inverse;
    product = AddThenDot(pairs_[i].change, -along[i],
                         i > 0 ? pairs_[i - 1].step : at::Tensor(), direction);
  }
  direction = ScaleBands(direction).mul_(curvature_);
  product = Dot(pairs_.front().change, direction);
  for (size_t i = 0; i < count; ++i) {
    const at::Tensor across = product * pairs_[i].inverse;
    product = AddThenDot(pairs_[i].step, along[i] - across,
                         i + 1 < count ? pairs_[i + 1].change : at::Tensor(),
                         direction);
  }
  return direction;
}

void Lbfgs::PrepareSpectrum(const at::Tensor& image) {
  if (!options_.scale_bands || spectrum_ != nullptr) return;
  spectrum_ =
      std::make_unique<Spectrum>(image.size(2), image.size(3), image.options());
}

at::Tensor Lbfgs::BothOf(const Pair& pair,
                         const at::TensorOptions& options) const {
  if (spectrum_ == nullptr) return {};
  const int64_t images = pair.step.size(0);
  at::Tensor both = at::empty({2 * images, pair.step.size(1)}, options);
  both.narrow(0, 0, images).copy_(pair.step);
  both.narrow(0, images, images).copy_(pair.change);
  return both;
}

void Lbfgs::MeasureBands(const at::Tensor& both, Pair& pair) const {
  if (spectrum_ == nullptr) return;
  const auto [steps, changes] = Halves(spectrum_->Energies(both));
  const at::Tensor whole = changes.sum({1, 2}, /*keepdim=*/true);
  const at::Tensor inverse = whole.reciprocal().masked_fill_(whole == 0, 0);
  pair.step_energies = steps * inverse;
  pair.change_energies = changes * inverse;
  pair.scale =
      (inverse.view({-1, 1}) / pair.inverse).masked_fill_(pair.inverse == 0, 0);
}

void Lbfgs::LearnScales() {
  if (spectrum_ == nullptr || pairs_.empty()) return;
  std::vector<at::Tensor> steps_of_each;
  std::vector<at::Tensor> changes_of_each;
  std::vector<at::Tensor> scale_of_each;
  for (const Pair& pair : pairs_) {
    steps_of_each.push_back(pair.step_energies);
    changes_of_each.push_back(pair.change_energies);
    scale_of_each.push_back(pair.scale);
  }
  const at::Tensor steps = at::stack(steps_of_each, -1);
  const at::Tensor changes = at::stack(changes_of_each, -1);
  const at::Tensor scales = at::cat(scale_of_each, 1);
  band_scales_ = BandScales(steps, changes);
  curvature_ = at::where((scales > 0).any(1, /*keepdim=*/true),
                         MeanCurvature(steps, changes, scales, band_scales_),
                         curvature_);
}

at::Tensor Lbfgs::ScaleBands(const at::Tensor& rows) const {
  if (spectrum_ == nullptr || pairs_.empty()) return rows;
  return spectrum_->Scaled(rows, band_scales_);
}

// The kept point stays, and so its gradient: the next step is a first one.
void Lbfgs::Restart(const at::Tensor& which) {
  const at::Tensor row = which.view({-1, 1});
  for (Pair& pair : pairs_) {
    pair.step.masked_fill_(row, 0);
    pair.change.masked_fill_(row, 0);
    pair.inverse.masked_fill_(row, 0);
    MeasureBands(BothOf(pair, kept_.gradient.options()), pair);
  }
  LearnScales();
  at::Tensor first = FirstCurvature();
  // Steps were too long: not a longer one now.
  if (spectrum_ != nullptr) first = at::minimum(first, curvature_);
  curvature_ = at::where(row, first, curvature_);
  if (taken_.defined()) taken_.masked_fill_(row, 0);
  length_.masked_fill_(row, 1);
  rate_ = at::where(row, rate_ * kShorterSteps, rate_);
}

void Lbfgs::Forget() {
  kept_ = Point();
  pairs_.clear();
  spectrum_.reset();
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
  if (spectrum_ != nullptr) state.push_back({"step", taken_});
  for (size_t i = 0; i < pairs_.size(); ++i) {
    const std::string pair = absl::StrCat("pair ", i, " ");
    state.push_back({pair + "step", pairs_[i].step});
    state.push_back({pair + "change", pairs_[i].change});
    state.push_back({pair + "inverse", pairs_[i].inverse});
  }
  return state;
}

absl::Status Lbfgs::SetState(std::vector<NamedTensor> state,
                             const at::Tensor& image) {
  Forget();
  StateReader reader(state);
  if (reader.AtEnd()) return absl::OkStatus();
  PrepareSpectrum(image);
  const std::vector<int64_t> values = image.flatten(1).sizes().vec();
  std::vector<int64_t> all = values;
  if (spectrum_ != nullptr) all[1] = spectrum_->coordinates();
  const std::vector<int64_t> row = {all[0], 1};
  const at::ScalarType type = image.scalar_type();
  const at::ScalarType pair_type = PairType(image);
  RETURN_IF_ERROR(reader.Take("kept values", type, values, &kept_.values));
  RETURN_IF_ERROR(reader.Take("kept loss", type, row, &kept_.loss));
  RETURN_IF_ERROR(reader.Take("kept gradient", type, all, &kept_.gradient));
  RETURN_IF_ERROR(reader.Take("curvature", type, row, &curvature_));
  RETURN_IF_ERROR(reader.Take("length", type, row, &length_));
  RETURN_IF_ERROR(reader.Take("rate", type, row, &rate_));
  if (spectrum_ != nullptr) {
    RETURN_IF_ERROR(reader.Take("step", type, all, &taken_));
  }
  for (int i = 0; i < options_.history && !reader.AtEnd(); ++i) {
    const std::string name = absl::StrCat("pair ", i, " ");
    Pair pair;
    RETURN_IF_ERROR(reader.Take(name + "step", pair_type, all, &pair.step));
    RETURN_IF_ERROR(reader.Take(name + "change", pair_type, all, &pair.change));
    RETURN_IF_ERROR(reader.Take(name + "inverse", type, row, &pair.inverse));
    MeasureBands(BothOf(pair, kept_.gradient.options()), pair);
    pairs_.push_back(std::move(pair));
  }
  LearnScales();
  return reader.ExpectEnd();
}

}  // namespace atelier::engine
