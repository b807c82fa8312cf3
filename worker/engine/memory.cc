#include "worker/engine/memory.h"

#include <algorithm>

#include "common/status_macros.h"

namespace atelier::engine {
namespace {

// Images of the result's size that are there at once, besides the optimizer's:
// content, the next image, the best one, the network's input, its gradient.
constexpr int64_t kImages = 5;
// Of every content feature: its target, the gradient.
constexpr int64_t kFeatureCopies = 2;
// Code that the first iteration loads or makes, the libraries' own buffers, and
// what allocators keep back.
constexpr int64_t kRuntimeBytes = 32 << 20;

int64_t PairImages(const RenderParams& params) {
  return 2 * std::min(params.lbfgs_history, params.iterations);
}

int64_t OptimizerImages(const RenderParams& params) {
  if (params.optimizer == Optimizer::kAdam) return 4;
  const int64_t for_bands = params.scales > 1 ? 6 : 0;
  return PairImages(params) + 2 + for_bands;
}

// Of the optimizer's state, as its State gives it.
int64_t StateImages(const RenderParams& params) {
  if (params.optimizer == Optimizer::kAdam) return 2;
  const int64_t last_step = params.scales > 1 ? 1 : 0;
  return PairImages(params) + 2 + last_step;
}

int64_t ImageBytes(Grid size, int64_t images) {
  return images * 3 * size.height * size.width *
         static_cast<int64_t>(sizeof(float));
}

}  // namespace

absl::StatusOr<int64_t> RenderBytes(Network& network,
                                    const RenderParams& params,
                                    const RenderShape& shape) {
  const Grid content = shape.content;
  ASSIGN_OR_RETURN(
      const PassBytes pass,
      network.BytesFor({shape.images, 3, content.height, content.width}));
  int64_t largest = pass.all;
  int64_t pictures = 0;
  for (const Grid& style : shape.styles) {
    ASSIGN_OR_RETURN(const PassBytes style_pass,
                     network.BytesFor({1, 3, style.height, style.width}));
    largest = std::max(largest, style_pass.all);
    pictures += ImageBytes(style, 1);
  }
  const int64_t images = kImages + OptimizerImages(params);
  return kRuntimeBytes + largest + pictures + kFeatureCopies * pass.features +
         images * ImageBytes(content, shape.images);
}

int64_t CheckpointBytes(const RenderParams& params, Grid content) {
  constexpr int64_t kNextAndBest = 2;
  return ImageBytes(content, StateImages(params) + kNextAndBest);
}

}  // namespace atelier::engine
