#include "worker/engine/preprocess.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

at::Tensor PerChannel(const std::array<float, 3>& values, at::Device device) {
  return at::tensor(at::ArrayRef<float>(values.data(), values.size()))
      .view({1, 3, 1, 1})
      .to(device);
}

}  // namespace

Preprocessor::Preprocessor(const Preprocessing& how, at::Device device)
    : bgr_(how.bgr) {
  std::array<float, 3> factor;
  std::array<float, 3> offset;
  for (size_t c = 0; c < factor.size(); ++c) {
    factor[c] = how.scale / how.deviation[c];
    offset[c] = -how.mean[c] / how.deviation[c];
  }
  factor_ = PerChannel(factor, device);
  offset_ = PerChannel(offset, device);
}

at::Tensor Preprocessor::Forward(const at::Tensor& rgb) const {
  at::Tensor input = bgr_ ? rgb.flip(1).mul_(factor_) : rgb * factor_;
  return input.add_(offset_);
}

at::Tensor Preprocessor::Backward(const at::Tensor& gradient) const {
  const at::Tensor scaled = gradient * factor_;
  return bgr_ ? scaled.flip(1) : scaled;
}

}  // namespace atelier::engine
