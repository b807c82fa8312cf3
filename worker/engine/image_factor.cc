#include "worker/engine/image_factor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>

namespace atelier::engine {

ImageFactor::ImageFactor(const std::vector<double>& of_images,
                         c10::Device device)
    : one_(of_images[0]),
      all_are_one_(
          std::all_of(of_images.begin(), of_images.end(),
                      [this](double other) { return other == one_; })) {
  if (all_are_one_) return;
  of_each_ = at::tensor(of_images, at::kDouble).to(device);
}

at::Tensor ImageFactor::Multiply(at::Tensor values, double by) const {
  if (all_are_one_) return values.mul_(one_ * by);
  // Rounded once, as Torch rounds a number.
  std::vector<int64_t> shape(values.dim(), 1);
  shape[0] = values.size(0);
  return values.mul_((of_each_ * by).to(values.scalar_type()).view(shape));
}

}  // namespace atelier::engine
