// Between pictures as the rest of the house keeps them and tensors.
#ifndef ATELIER_WORKER_RENDERER_PICTURE_TENSOR_H_
#define ATELIER_WORKER_RENDERER_PICTURE_TENSOR_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "worker/agent/renderer.h"
#include "worker/engine/style.h"

namespace atelier {

/// [1, 3, h, w] on `device`, on a CPU in the image's own memory; undefined for
/// an empty image.
/// Errors: InvalidArgument (names `field`: as many values as its size says, and
///         all finite), ResourceExhausted.
absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, Image image,
                                    at::Device device);

/// [h, w] likewise; undefined for an empty mask.
/// Errors: as of an image, and for weights below 0.
absl::StatusOr<at::Tensor> ToTensor(absl::string_view field, Mask mask,
                                    at::Device device);

/// A style as the engine has it; on a CPU in the memory of its pictures.
/// Errors: as of its pictures, and InvalidArgument for a style without pixels.
absl::StatusOr<engine::Style> ToStyle(RenderStyle given, at::Device device);

/// REQUIRES: `tensor` is float32 of shape [1, 3, h, w]. May throw what Torch
/// throws.
Image ToImage(const at::Tensor& tensor);

/// The same to look at: clamped to [0,1] and, where its longer side is longer
/// than this, shrunk on its device.
Image ToSmallImage(const at::Tensor& tensor, int longer_side_px);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_PICTURE_TENSOR_H_
