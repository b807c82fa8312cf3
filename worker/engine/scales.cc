#include "worker/engine/scales.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace atelier::engine {
namespace {

int64_t Divided(int64_t side, int64_t factor) {
  return std::max<int64_t>(1, (side + factor / 2) / factor);
}

}  // namespace

absl::StatusOr<std::vector<Scale>> PlanScales(int64_t height, int64_t width,
                                              int scales, int iterations,
                                              bool from_noise) {
  if (scales < 1 || scales > iterations) {
    return absl::InvalidArgumentError(
        absl::StrCat("scales: ", scales, " is not allowed; at least 1, and no ",
                     "more than there are iterations, ", iterations));
  }
  if (scales > 31 || int64_t{1} << (scales - 1) > std::max(height, width)) {
    return absl::InvalidArgumentError(
        absl::StrCat("scales: ", scales, " is too many for ", width, "x",
                     height, " px; each one halves both sides"));
  }
  const int share =
      std::min(iterations / scales,
               from_noise ? kMostCoarseFromNoise : kMostCoarseFromPicture);
  std::vector<Scale> plan;
  for (int i = 1; i <= scales; ++i) {
    const int64_t factor = int64_t{1} << (scales - i);
    plan.push_back({Divided(height, factor), Divided(width, factor), factor,
                    i == scales ? iterations : i * share});
  }
  return plan;
}

at::Tensor Shrink(const at::Tensor& picture, int64_t factor) {
  if (factor == 1) return picture;
  return at::adaptive_avg_pool2d(picture, {Divided(picture.size(2), factor),
                                           Divided(picture.size(3), factor)});
}

at::Tensor Enlarge(const at::Tensor& picture, int64_t height, int64_t width) {
  return at::upsample_bicubic2d(picture, {height, width},
                                /*align_corners=*/false);
}

}  // namespace atelier::engine
