#include "worker/renderer/picture_tensor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/engine/torch_call.h"

namespace atelier {

absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, const Image& image,
                                    at::Device device) {
  if (image.rgb.empty()) return at::Tensor();
  const int64_t expected = int64_t{3} * image.width_px * image.height_px;
  if (static_cast<int64_t>(image.rgb.size()) != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        field, ": an image of ", image.width_px, "x", image.height_px, " has ",
        expected, " values; given ", image.rgb.size()));
  }
  if (!std::all_of(image.rgb.begin(), image.rgb.end(),
                   [](float value) { return std::isfinite(value); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": has a value that is not finite"));
  }
  return engine::CallTorch(field, [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor view =
        at::from_blob(const_cast<float*>(image.rgb.data()),
                      {1, 3, image.height_px, image.width_px}, at::kFloat);
    return view.to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  });
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
