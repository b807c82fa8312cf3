#include "worker/engine/stepper.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "worker/engine/adam.h"
#include "worker/engine/band_lbfgs.h"
#include "worker/engine/experimental/block_lbfgs.h"
#include "worker/engine/lbfgs.h"

namespace atelier::engine {

namespace {

bool AreAlike(const NamedTensor& a, const NamedTensor& b) {
  return a.name == b.name && a.tensor.defined() && b.tensor.defined() &&
         a.tensor.scalar_type() == b.tensor.scalar_type() &&
         a.tensor.sizes() == b.tensor.sizes();
}

}  // namespace

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

absl::StatusOr<std::vector<NamedTensor>> JoinRows(
    std::vector<std::vector<NamedTensor>> states) {
  std::vector<NamedTensor> joined = std::move(states[0]);
  if (states.size() == 1) return joined;
  for (size_t i = 1; i < states.size(); ++i) {
    if (!std::equal(joined.begin(), joined.end(), states[i].begin(),
                    states[i].end(), AreAlike)) {
      return absl::FailedPreconditionError(
          "checkpoint: another optimizer's than that of the others in its "
          "batch");
    }
  }
  for (size_t part = 0; part < joined.size(); ++part) {
    std::vector<at::Tensor> rows = {joined[part].tensor};
    for (size_t i = 1; i < states.size(); ++i) {
      rows.push_back(std::move(states[i][part].tensor));
    }
    joined[part].tensor = at::cat(rows);
  }
  return joined;
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
