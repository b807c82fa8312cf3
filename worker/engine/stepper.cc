#include "worker/engine/stepper.h"

#include <ATen/ATen.h>

#include <utility>

#include "worker/engine/adam.h"
#include "worker/engine/lbfgs.h"

namespace atelier::engine {

std::unique_ptr<Stepper> MakeStepper(const RenderParams& params) {
  if (params.optimizer == Optimizer::kAdam) {
    return std::make_unique<Adam>(AdamOptions{params.learning_rate});
  }
  LbfgsOptions options;
  options.learning_rate = params.learning_rate;
  options.history = params.lbfgs_history;
  options.scale_bands = params.scales > 1;
  return std::make_unique<Lbfgs>(options);
}

void KeepRows(const at::Tensor& rows, const at::Tensor& image,
              Stepper& stepper) {
  std::vector<NamedTensor> state = stepper.State();
  for (NamedTensor& part : state)
    part.tensor = part.tensor.index_select(0, rows);
  const absl::Status kept = stepper.SetState(std::move(state), image);
  TORCH_INTERNAL_ASSERT(kept.ok(), kept.message());
}

}  // namespace atelier::engine
