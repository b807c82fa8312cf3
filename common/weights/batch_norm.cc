#include "common/weights/batch_norm.h"

#include <cmath>
#include <cstddef>

#include "common/status_macros.h"

namespace atelier {

absl::Status FoldBatchNorm(const BatchNorm& norm,
                           ConvolutionWeights& convolution) {
  const size_t per_channel = convolution.kernel.size() / norm.weight.size();
  for (size_t c = 0; c < norm.weight.size(); ++c) {
    const double variance = norm.running_var[c];
    if (variance < 0) {
      return InvalidArgument("has variance ", variance, " in channel ", c,
                             "; at least 0 is expected");
    }
    const double scale =
        norm.weight[c] / std::sqrt(variance + kBatchNormEpsilon);
    const double mean = norm.running_mean[c];
    float& bias = convolution.bias[c];
    bias = static_cast<float>((bias - mean) * scale + norm.bias[c]);
    bool is_finite = std::isfinite(bias);
    for (size_t i = c * per_channel; i < (c + 1) * per_channel; ++i) {
      float& weight = convolution.kernel[i];
      weight = static_cast<float>(weight * scale);
      is_finite = is_finite && std::isfinite(weight);
    }
    if (!is_finite) {
      return InvalidArgument(
          "overflows when folded into the convolution, in channel ", c);
    }
  }
  return absl::OkStatus();
}

}  // namespace atelier
