#include "worker/engine/stepper.h"

#include "worker/engine/adam.h"
#include "worker/engine/lbfgs.h"

namespace atelier::engine {

std::unique_ptr<Stepper> MakeStepper(const RenderParams& params) {
  if (params.optimizer == Optimizer::kAdam) {
    return std::make_unique<Adam>(AdamOptions{params.learning_rate});
  }
  return std::make_unique<Lbfgs>(
      LbfgsOptions{params.learning_rate, params.lbfgs_history});
}

}  // namespace atelier::engine
