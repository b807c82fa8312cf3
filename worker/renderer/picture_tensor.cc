#include "worker/renderer/picture_tensor.h"

#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "worker/engine/torch_call.h"

namespace atelier {

namespace {

absl::Status Check(absl::string_view field, const std::vector<float>& values,
                   int width_px, int height_px, int channels) {
  const int64_t expected = int64_t{width_px} * height_px * channels;
  if (static_cast<int64_t>(values.size()) != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", width_px, "x", height_px, " px are ",
                     expected, " values; given ", values.size()));
  }
  if (!std::all_of(values.begin(), values.end(),
                   [](float value) { return std::isfinite(value); })) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": has a value that is not finite"));
  }
  return absl::OkStatus();
}

// On a CPU in the memory of `values`, which goes with the tensor.
absl::StatusOr<at::Tensor> Take(absl::string_view field,
                                std::vector<float> values,
                                at::IntArrayRef shape, at::Device device) {
  return engine::CallTorch(field, [&]() -> absl::StatusOr<at::Tensor> {
    auto kept = std::make_shared<std::vector<float>>(std::move(values));
    float* const first = kept->data();
    const at::Tensor tensor = at::from_blob(
        first, shape, [kept = std::move(kept)](void*) {}, at::kFloat);
    return tensor.to(device);
  });
}

}  // namespace

absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, Image image,
                                    at::Device device) {
  if (image.rgb.empty()) return at::Tensor();
  RETURN_IF_ERROR(
      Check(field, image.rgb, image.width_px, image.height_px, /*channels=*/3));
  return Take(field, std::move(image.rgb),
              {1, 3, image.height_px, image.width_px}, device);
}

absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, Mask mask,
                                    at::Device device) {
  if (mask.weights.empty()) return at::Tensor();
  if (*std::min_element(mask.weights.begin(), mask.weights.end()) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": has a weight below 0"));
  }
  RETURN_IF_ERROR(Check(field, mask.weights, mask.width_px, mask.height_px,
                        /*channels=*/1));
  return Take(field, std::move(mask.weights), {mask.height_px, mask.width_px},
              device);
}

absl::StatusOr<engine::Style> ToStyle(RenderStyle given, at::Device device) {
  engine::Style style;
  style.blend = given.blend;
  ASSIGN_OR_RETURN(style.picture,
                   ToTensor("style", std::move(given.picture), device));
  ASSIGN_OR_RETURN(style.mask,
                   ToTensor("style mask", std::move(given.mask), device));
  ASSIGN_OR_RETURN(style.region,
                   ToTensor("style region", std::move(given.region), device));
  if (!style.picture.defined()) {
    return absl::InvalidArgumentError("style: has no pixels");
  }
  return style;
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

Image ToSmallImage(const at::Tensor& tensor, int longer_side_px) {
  const auto height_px = static_cast<int>(tensor.size(2));
  const auto width_px = static_cast<int>(tensor.size(3));
  at::Tensor picture = tensor.detach();
  if (std::max(width_px, height_px) > longer_side_px) {
    const auto [to_width_px, to_height_px] =
        FitSize(width_px, height_px, longer_side_px);
    picture = at::_upsample_bilinear2d_aa(picture, {to_height_px, to_width_px},
                                          /*align_corners=*/false);
  }
  return ToImage(picture.clamp(0, 1));
}

}  // namespace atelier
