#include "worker/engine/memory.h"

#include <algorithm>

#include "common/status_macros.h"
#include "worker/engine/term.h"
#include "worker/engine/term_registry.h"

namespace atelier::engine {
namespace {

// Images of the result's size while losses are evaluated, besides the
// optimizer's: the one evaluated, the best one, the network's input.
constexpr int64_t kImages = 3;
// A style picture, once it is an input, and on the way there.
constexpr int64_t kInputCopies = 2;
// Code that the first iteration loads or makes, the libraries' own buffers, and
// what allocators keep back.
constexpr int64_t kRuntimeBytes = 32 << 20;

int64_t OptimizerImages(const RenderParams& params, at::Device device) {
  if (params.optimizer == Optimizer::kAdam) return 4;
  const int64_t pairs = std::min(params.lbfgs_history, params.iterations);
  if (params.scales == 1) return 2 * pairs + 2;
  // On a CPU pairs are of bfloat16. There is more besides, for the bands; and
  // allocators may still keep the pairs of the scale before, a quarter as
  // large.
  const int64_t images = device.is_cpu() ? pairs : 2 * pairs;
  return images + 8 + images / 4;
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
  // A CPU evaluates a batch's images one by one.
  const int64_t at_once = network.device().is_cpu() ? 1 : shape.images;
  ASSIGN_OR_RETURN(
      const PassBytes pass,
      network.BytesFor({at_once, 3, content.height, content.width}));
  const int64_t image = ImageBytes(content, shape.images);
  int64_t largest = pass.all;
  std::vector<PassBytes> style_passes;
  // Of the content and the styles, until there are targets.
  int64_t pictures = image;
  int64_t input = 0;
  for (const Grid& style : shape.styles) {
    ASSIGN_OR_RETURN(const PassBytes style_pass,
                     network.BytesFor({1, 3, style.height, style.width}));
    largest = std::max(largest, style_pass.all);
    style_passes.push_back(style_pass);
    pictures += ImageBytes(style, 1);
    input = std::max(input, ImageBytes(style, kInputCopies));
  }
  const int64_t images =
      (kImages + OptimizerImages(params, network.device())) * image;
  const int64_t targets =
      pictures + input +
      FeatureBytes(params.content_layers, network.options(), pass);
  const TermShape of_terms{network.options(), pass, style_passes, image,
                           at_once};
  int64_t held = 0;
  int64_t work = 0;
  for (const TermKind* kind : TermRegistry()) {
    const TermBytes bytes = kind->bytes(params, of_terms);
    held += bytes.held;
    work = std::max(work, bytes.work);
  }
  return kRuntimeBytes + largest + images + std::max(targets, held + work);
}

}  // namespace atelier::engine
