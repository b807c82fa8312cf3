#include "worker/engine/style.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier::engine {
namespace {

bool AreEqual(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.sizes() == b.sizes() && at::equal(a, b);
}

// [1, grid.height, grid.width].
at::Tensor AreaAverage(const at::Tensor& mask, Grid grid) {
  return at::adaptive_avg_pool2d(mask.unsqueeze(0), {grid.height, grid.width});
}

}  // namespace

absl::StatusOr<StyleRegions> StyleRegions::Make(
    const Network& network, const std::vector<at::Tensor>& masks, Grid size) {
  std::vector<at::Tensor> distinct;
  StyleRegions regions;
  for (const at::Tensor& mask : masks) {
    const auto same =
        std::find_if(distinct.begin(), distinct.end(),
                     [&](const at::Tensor& d) { return AreEqual(d, mask); });
    regions.region_of_.push_back(same - distinct.begin());
    if (same == distinct.end()) distinct.push_back(mask);
  }
  // A network's default is one region of all pixels.
  const bool is_masked =
      std::any_of(distinct.begin(), distinct.end(),
                  [](const at::Tensor& mask) { return mask.defined(); });
  if (is_masked) {
    regions.weights_.grams.resize(network.options().grams.size());
  }
  if (distinct.empty()) distinct.emplace_back();
  for (const at::Tensor& mask : distinct) {
    RETURN_IF_ERROR(regions.Add(network, mask, size));
  }
  return regions;
}

absl::Status StyleRegions::Add(const Network& network, const at::Tensor& mask,
                               Grid size) {
  std::vector<double>& counts = counts_.emplace_back();
  for (size_t i = 0; i < network.options().grams.size(); ++i) {
    const Grid grid = network.GramGrid(i, size);
    counts.push_back(static_cast<double>(grid.height) * grid.width);
    if (weights_.grams.empty()) continue;
    const at::Tensor weights =
        mask.defined()
            ? AreaAverage(mask, grid)
            : at::ones({1, grid.height, grid.width},
                       at::device(network.device()).dtype(at::kFloat));
    counts.back() = weights.sum(at::kDouble).item<double>();
    if (!(counts.back() > 0 && std::isfinite(counts.back()))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "mask: its weights sum to ", counts.back(), " at ",
          network.options().grams[i], "; it has to let something through"));
    }
    at::Tensor& all = weights_.grams[i];
    all = all.defined() ? at::cat({all, weights}) : weights;
  }
  return absl::OkStatus();
}

}  // namespace atelier::engine
