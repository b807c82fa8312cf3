#include "worker/engine/gram_moments_loss.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

// A variance below this share of the second moment is rounding.
constexpr double kLeastVariance = 1e-5;

at::Tensor Diagonal(const at::Tensor& second) {
  return at::diagonal(second, 0, 1, 2);
}

at::Tensor Variance(const at::Tensor& second, const at::Tensor& mean) {
  return at::clamp_min(Diagonal(second) - mean.square(), 0);
}

class GramMomentsLoss : public MomentLoss {
 public:
  explicit GramMomentsLoss(const MomentWeights& weights) : weights_(weights) {}

  std::vector<at::Tensor> TargetOf(const Moments& style) const override {
    const at::Tensor second = style.second.to(at::kDouble);
    const at::Tensor mean = style.mean.to(at::kDouble);
    return {second, mean, Variance(second, mean).sqrt()};
  }

  // In doubles: variances are small differences of large numbers.
  MomentLossValue Evaluate(const Moments& image,
                           const std::vector<at::Tensor>& target,
                           bool with_gradient) const override {
    const at::Tensor second = image.second.to(at::kDouble);
    const at::Tensor mean = image.mean.to(at::kDouble);
    const at::Tensor variance = Variance(second, mean);
    const at::Tensor deviation = variance.sqrt();
    const at::Tensor of_gram = second - target[0];
    const at::Tensor of_mean = mean - target[1];
    const at::Tensor of_deviation = deviation - target[2];

    const auto channels = static_cast<double>(second.size(1));
    const double squared = channels * channels;
    const double gram = weights_.gram / squared /
                        (weights_.gram_per_channels_squared ? squared : 1.0);
    const auto type = image.second.scalar_type();
    MomentLossValue loss;
    loss.value =
        (of_gram.square().sum({1, 2}) * gram +
         of_mean.square().sum(1) * (weights_.mean / channels) +
         of_deviation.square().sum(1) * (weights_.deviation / channels))
            .to(type);
    if (!with_gradient) return loss;
    const at::Tensor at_variance =
        at::where(variance > Diagonal(second) * kLeastVariance,
                  of_deviation / deviation * (weights_.deviation / channels),
                  at::zeros_like(variance));
    loss.gradient.second =
        (of_gram * (2 * gram) + at::diag_embed(at_variance)).to(type);
    loss.gradient.mean =
        (of_mean * (2 * weights_.mean / channels) - mean * at_variance * 2)
            .to(type);
    return loss;
  }

 private:
  const MomentWeights weights_;
};

}  // namespace

std::unique_ptr<MomentLoss> MakeGramMomentsLoss(const MomentWeights& weights) {
  return std::make_unique<GramMomentsLoss>(weights);
}

}  // namespace atelier::engine
