// What the values of each image of a batch are multiplied by.
#ifndef ATELIER_WORKER_ENGINE_IMAGE_FACTOR_H_
#define ATELIER_WORKER_ENGINE_IMAGE_FACTOR_H_

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <vector>

namespace atelier::engine {

/// One factor for each image. An image's products are the same to the bit
/// whatever the factors of the others are. May throw what Torch throws.
class ImageFactor {
 public:
  /// REQUIRES: at least one.
  ImageFactor(const std::vector<double>& of_images, c10::Device device);

  /// Whether all are 0.
  bool IsZero() const { return all_are_one_ && one_ == 0; }

  /// Multiplies `values` by the factors and by `by`, and returns it. Does not
  /// wait for the device.
  /// Shapes: values [n, ...], on the device given.
  at::Tensor Multiply(at::Tensor values, double by = 1) const;

 private:
  double one_;  // The first image's.
  bool all_are_one_;
  at::Tensor of_each_;  // [n], double; undefined where all are one.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_IMAGE_FACTOR_H_
