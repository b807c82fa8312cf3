#include "common/render/scale_plan.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace atelier {

int64_t ShrunkSide(int64_t side, int64_t factor) {
  return std::max<int64_t>(1, (side + factor / 2) / factor);
}

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
    plan.push_back({ShrunkSide(height, factor), ShrunkSide(width, factor),
                    factor, i == scales ? iterations : i * share});
  }
  return plan;
}

double PixelIterations(const std::vector<Scale>& plan, int iterations) {
  double sum = 0;
  int done = 0;
  for (const Scale& scale : plan) {
    const int end = std::min(scale.end, iterations);
    if (end <= done) break;
    sum += static_cast<double>(scale.height) *
           static_cast<double>(scale.width) * (end - done);
    done = end;
  }
  return sum;
}

}  // namespace atelier
