// The state of one render between two iterations.
#ifndef ATELIER_WORKER_ENGINE_CHECKPOINT_H_
#define ATELIER_WORKER_ENGINE_CHECKPOINT_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "worker/engine/progress.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

/// All that the iterations to come depend on, besides the network, the
/// parameters and the pictures. Holds no random state: noise comes from the
/// seed alone. Nor the iteration budget: a longer render goes on from a shorter
/// one's end.
/// Tensors have a first dimension of 1, are on any device, and need not be
/// contiguous. Those of a render that goes on are views of what its next
/// iteration changes, and a copy of this struct shares them.
struct Checkpoint {
  int iteration = 0;            ///< Done.
  std::vector<int> scale_ends;  ///< Iterations done when each scale before this
                                ///< one ended, coarsest first.
  Progress::State progress;
  at::Tensor image;  ///< To evaluate next: [1, 3, h, w] of its scale, float32.
  at::Tensor best;   ///< Of this scale, where progress.best was; as `image`.
  std::vector<NamedTensor> optimizer;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_CHECKPOINT_H_
