#include "worker/engine/experimental/block_lbfgs.h"

#include <utility>

#include "worker/engine/band_lbfgs.h"
#include "worker/engine/experimental/block_pairs.h"
#include "worker/engine/experimental/product_spectrum.h"

namespace atelier::engine::experimental {

std::unique_ptr<Stepper> MakeBlockLbfgs(const LbfgsOptions& options,
                                        bool scale_bands) {
  auto pairs = std::make_unique<BlockPairs>(options.history);
  if (!scale_bands) return std::make_unique<Lbfgs>(options, std::move(pairs));
  return std::make_unique<BandLbfgs>(
      options, std::move(pairs),
      [](int64_t height, int64_t width, const at::TensorOptions& like) {
        return std::make_unique<ProductSpectrum>(height, width, like);
      });
}

}  // namespace atelier::engine::experimental
