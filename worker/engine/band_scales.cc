#include "worker/engine/band_scales.h"

#include <ATen/ATen.h>

#include <vector>

namespace atelier::engine {
namespace {

// What a pair counts for in the bands' scales, and in the scale of them all,
// against the next younger one.
constexpr double kBandFading = 0.6;
constexpr double kScaleFading = 0.92;
// A band's scale over all bands' is from 1/this to this.
constexpr double kMostBandScale = 1e3;
// Where the scale of all bands lies between the shorter and the longer of
// Barzilai and Borwein's step lengths, by logarithm.
constexpr double kTowardsLonger = 0.2;

// For pairs, the youngest last: `fading` as often as there are younger ones.
at::Tensor Fading(double fading, int64_t pairs,
                  const at::TensorOptions& options) {
  return at::pow(fading, at::arange(pairs - 1, -1, -1, options));
}

// Sums over colours and bands: [n, 3, bands, pairs] to [n, pairs]. Over what
// lies side by side, or a batch's would be rounded otherwise.
at::Tensor SumOverBands(const at::Tensor& values) {
  return values.flatten(1, 2).transpose(1, 2).contiguous().sum(-1);
}

// `kept`, which may be undefined, less its oldest of `history` pairs, and the
// next one: the last dimension is the pair.
at::Tensor WithNext(const at::Tensor& kept, const at::Tensor& next,
                    int64_t history) {
  const at::Tensor last = next.unsqueeze(-1);
  if (!kept.defined()) return last;
  const int64_t pairs = kept.size(-1);
  const int64_t dropped = pairs == history ? 1 : 0;
  return at::cat({kept.narrow(-1, dropped, pairs - dropped), last}, -1);
}

}  // namespace

void BandScales::Add(const CurvaturePair& pair) {
  const int64_t images = pair.step.size(0);
  const at::Tensor energies = spectrum_.Energies({pair.step, pair.change});
  const at::Tensor whole =
      energies.narrow(0, images, images).sum({1, 2}, /*keepdim=*/true);
  const at::Tensor inverse = whole.reciprocal().masked_fill_(whole == 0, 0);
  energies_ = WithNext(
      energies_, energies.view({2, images, 3, spectrum_.bands()}) * inverse,
      history_);
  scales_ = WithNext(scales_,
                     (inverse.view({-1, 1}) / pair.inverse)
                         .masked_fill_(pair.inverse == 0, 0)
                         .squeeze(1),
                     history_);
}

void BandScales::Clear(const at::Tensor& which) {
  if (!energies_.defined()) return;
  energies_.masked_fill_(which.view({1, -1, 1, 1, 1}), 0);
  scales_.masked_fill_(which, 0);
}

void BandScales::Learn() {
  if (!energies_.defined()) return;
  const int64_t pairs = scales_.size(1);
  if (!band_fading_.defined() || band_fading_.size(0) != pairs) {
    band_fading_ = Fading(kBandFading, pairs, scales_.options());
    scale_fading_ = Fading(kScaleFading, pairs, scales_.options());
  }
  // How far each band went for how much it changed, against all of them.
  const at::Tensor faded = (energies_ * band_fading_).sum(-1);
  const at::Tensor gone = faded[0];
  const at::Tensor changed = faded[1];
  const at::Tensor all = gone.sum({1, 2}, true) / changed.sum({1, 2}, true);
  const at::Tensor scales =
      (gone / changed / all).sqrt_().clamp_(1 / kMostBandScale, kMostBandScale);
  // Of an image without pairs, nothing is known.
  band_scales_ = scales.masked_fill(scales.isnan(), 1);
}

at::Tensor BandScales::Scaled(const at::Tensor& rows) const {
  return band_scales_.defined() ? spectrum_.Scaled(rows, band_scales_) : rows;
}

at::Tensor BandScales::ScaleOfAll(const at::Tensor& otherwise) const {
  if (!energies_.defined()) return otherwise;
  const at::Tensor by_band = band_scales_.unsqueeze(-1);
  const at::Tensor shorter = scales_ / SumOverBands(energies_[1] * by_band);
  const at::Tensor longer = SumOverBands(energies_[0] / by_band) / scales_;
  const at::Tensor known = scales_ > 0;
  const at::Tensor weights = known.to(scales_.scalar_type()) * scale_fading_;
  // Row by row: logarithms may be rounded otherwise at another offset.
  std::vector<at::Tensor> means(scales_.size(0));
  for (int64_t i = 0; i < scales_.size(0); ++i) {
    const at::Tensor logarithms = (shorter[i].log() * (1 - kTowardsLonger) +
                                   longer[i].log() * kTowardsLonger)
                                      .masked_fill_(known[i].logical_not(), 0);
    means[i] = ((logarithms * weights[i]).sum() / weights[i].sum()).exp();
  }
  return at::where(known.any(1, /*keepdim=*/true),
                   at::stack(means).unsqueeze_(1), otherwise);
}

}  // namespace atelier::engine
