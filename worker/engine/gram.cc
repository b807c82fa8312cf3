#include "worker/engine/gram.h"

#include <ATen/ATen.h>

#include <vector>

namespace atelier::engine {
namespace {

// The r-th region's weights as [1, 1, h·w].
at::Tensor PixelWeights(const at::Tensor& region, int64_t r) {
  return region[r].reshape({1, 1, -1});
}

}  // namespace

at::Tensor GramSums(const at::Tensor& features, const at::Tensor& region) {
  const at::Tensor rows = features.flatten(2);
  const at::Tensor columns = rows.transpose(1, 2);
  if (!region.defined()) return at::bmm(rows, columns).unsqueeze(1);
  std::vector<at::Tensor> sums;
  for (int64_t r = 0; r < region.size(0); ++r) {
    sums.push_back(at::bmm(rows * PixelWeights(region, r), columns));
  }
  return at::stack(sums, 1);
}

at::Tensor FeatureSums(const at::Tensor& features, const at::Tensor& region) {
  const at::Tensor rows = features.flatten(2);
  // In doubles: many small numbers are added to a large one.
  if (!region.defined()) {
    return rows.sum({2}, false, at::kDouble)
        .to(rows.scalar_type())
        .unsqueeze(1);
  }
  std::vector<at::Tensor> sums;
  for (int64_t r = 0; r < region.size(0); ++r) {
    const at::Tensor weighted = rows * PixelWeights(region, r);
    sums.push_back(
        weighted.sum({2}, false, at::kDouble).to(rows.scalar_type()));
  }
  return at::stack(sums, 1);
}

at::Tensor GramSumsGradient(const at::Tensor& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient) {
  const at::Tensor rows = features.flatten(2);
  const auto of_region = [&](int64_t r) {
    // Both factors of the product that makes the sum: twice the same.
    return at::bmm(sums_gradient.select(1, r) * 2, rows);
  };
  if (!region.defined()) return of_region(0).view_as(features);
  at::Tensor gradient = at::zeros_like(rows);
  for (int64_t r = 0; r < region.size(0); ++r) {
    gradient.addcmul_(of_region(r), PixelWeights(region, r));
  }
  return gradient.view_as(features);
}

at::Tensor FeatureSumsGradient(const at::Tensor& features,
                               const at::Tensor& region,
                               const at::Tensor& sums_gradient) {
  if (!region.defined()) {
    return sums_gradient.select(1, 0).unsqueeze(2).unsqueeze(3).expand_as(
        features);
  }
  // [n, c, r] x [r, h·w].
  return at::matmul(sums_gradient.transpose(1, 2),
                    region.reshape({region.size(0), -1}))
      .view_as(features);
}

}  // namespace atelier::engine
