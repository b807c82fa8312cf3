#include "worker/engine/gram_loss.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

class GramLoss : public MomentLoss {
 public:
  explicit GramLoss(const StyleReduction& how) : how_(how) {}

  bool ReadsMeans() const override { return false; }

  double Divisor(int64_t channels, double pixels) const override {
    return how_.divide_gram_by_channels ? pixels * static_cast<double>(channels)
                                        : pixels;
  }

  std::vector<at::Tensor> TargetOf(const Moments& style) const override {
    return {style.second};
  }

  MomentLossValue Evaluate(const Moments& image,
                           const std::vector<at::Tensor>& target,
                           bool with_gradient) const override {
    const double factor = FactorFor(image.second.size(1));
    const at::Tensor difference = image.second - target[0];
    MomentLossValue loss;
    loss.value = difference.square().sum({1, 2}) * factor;
    if (with_gradient) loss.gradient.second = difference * (2 * factor);
    return loss;
  }

 private:
  double FactorFor(int64_t channels) const {
    const double squared = static_cast<double>(channels) * channels;
    const double reduction = how_.sum_squares ? 1 : 1 / squared;
    return how_.per_channels_squared == 0
               ? reduction
               : reduction * how_.per_channels_squared / squared;
  }

  const StyleReduction how_;
};

}  // namespace

std::unique_ptr<MomentLoss> MakeGramLoss(const StyleReduction& how) {
  return std::make_unique<GramLoss>(how);
}

}  // namespace atelier::engine
