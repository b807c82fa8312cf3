#include "worker/renderer/picture_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/engine/torch_call.h"

namespace atelier {

namespace {

// `values` as a tensor of `shape` on `device`; without `copy`, on a CPU, in
// their own memory.
absl::StatusOr<at::Tensor> Convert(absl::string_view field,
                                   const std::vector<float>& values,
                                   const std::vector<int64_t>& shape,
                                   at::Device device, bool copy = true) {
  const int64_t expected = std::accumulate(shape.begin(), shape.end(),
                                           int64_t{1}, std::multiplies<>());
  if (static_cast<int64_t>(values.size()) != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": ", shape[shape.size() - 1], "x", shape[shape.size() - 2],
        " px are ", expected, " values; given ", values.size()));
  }
  if (!std::all_of(values.begin(), values.end(),
                   [](float value) { return std::isfinite(value); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": has a value that is not finite"));
  }
  return engine::CallTorch(field, [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor view =
        at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
    return view.to(device, at::kFloat, /*non_blocking=*/false, copy);
  });
}

absl::StatusOr<at::Tensor> Convert(absl::string_view field, const Image& image,
                                   at::Device device, bool copy) {
  if (image.rgb.empty()) return at::Tensor();
  return Convert(field, image.rgb, {1, 3, image.height_px, image.width_px},
                 device, copy);
}

}  // namespace

absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, const Image& image,
                                    at::Device device) {
  return Convert(field, image, device, /*copy=*/true);
}

absl::StatusOr<at::Tensor> ViewTensor(absl::string_view field,
                                      const Image& image, at::Device device) {
  return Convert(field, image, device, /*copy=*/false);
}

absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, const Mask& mask,
                                    at::Device device) {
  if (mask.weights.empty()) return at::Tensor();
  if (*std::min_element(mask.weights.begin(), mask.weights.end()) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": has a weight below 0"));
  }
  return Convert(field, mask.weights, {mask.height_px, mask.width_px}, device);
}

Image ToImage(const at::Tensor& tensor) {
  const at::Tensor values = tensor.to(at::kCPU).contiguous();
  Image image;
  image.height_px = static_cast<int>(values.size(2));
  image.width_px = static_cast<int>(values.size(3));
  const float* const first = values.data_ptr<float>();
  image.rgb.assign(first, first + values.numel());
  return image;
}

}  // namespace atelier
