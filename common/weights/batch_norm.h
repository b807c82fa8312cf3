// Batch normalisation at rest is an affine map of each channel, and so can be
// worked into the convolution before it.
#ifndef ATELIER_COMMON_WEIGHTS_BATCH_NORM_H_
#define ATELIER_COMMON_WEIGHTS_BATCH_NORM_H_

#include <vector>

#include "absl/status/status.h"
#include "common/weights/weight_file.h"

namespace atelier {

/// What PyTorch adds to the variance; files do not say.
inline constexpr double kBatchNormEpsilon = 1e-5;

/// One value for each channel.
struct BatchNorm {
  std::vector<float> weight;
  std::vector<float> bias;
  std::vector<float> running_mean;
  std::vector<float> running_var;
};

/// Folds `norm` into the convolution: kernel · s and (bias - mean) · s + shift
/// with s = weight / sqrt(var + eps), in double precision, rounded once.
/// REQUIRES: as many channels in `norm` as the convolution puts out.
/// Errors: InvalidArgument (a negative variance, a result that is not finite;
///         names the channel).
absl::Status FoldBatchNorm(const BatchNorm& norm,
                           ConvolutionWeights& convolution);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_BATCH_NORM_H_
