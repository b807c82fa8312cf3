#include "worker/engine/scales.h"

#include <ATen/ATen.h>

#include "common/render/scale_plan.h"

namespace atelier::engine {

at::Tensor Shrink(const at::Tensor& picture, int64_t factor) {
  if (factor == 1) return picture;
  return at::adaptive_avg_pool2d(picture,
                                 {ShrunkSide(picture.size(2), factor),
                                  ShrunkSide(picture.size(3), factor)});
}

at::Tensor Enlarge(const at::Tensor& picture, int64_t height, int64_t width) {
  return at::upsample_bicubic2d(picture, {height, width},
                                /*align_corners=*/false);
}

}  // namespace atelier::engine
