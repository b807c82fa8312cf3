#include "worker/engine/stepper.h"

#include <algorithm>

#include "worker/engine/adam.h"
#include "worker/engine/band_lbfgs.h"
#include "worker/engine/experimental/block_lbfgs.h"
#include "worker/engine/lbfgs.h"

namespace atelier::engine {

std::unique_ptr<Stepper> MakeStepper(const RenderParams& params,
                                     at::Device device) {
  if (params.optimizer == Optimizer::kAdam) {
    return std::make_unique<Adam>(AdamOptions{params.learning_rate});
  }
  LbfgsOptions options;
  options.learning_rate = params.learning_rate;
  // No more than there will ever be; their memory may be taken at once.
  options.history = std::min(params.lbfgs_history, params.iterations);
  const bool scale_bands = params.scales > 1;
  if (!device.is_cpu()) {
    return experimental::MakeBlockLbfgs(options, scale_bands);
  }
  if (scale_bands) return std::make_unique<BandLbfgs>(options);
  return std::make_unique<Lbfgs>(options);
}

}  // namespace atelier::engine
