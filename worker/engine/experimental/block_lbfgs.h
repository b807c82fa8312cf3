// L-BFGS in few operations, whatever its history: what GPUs render with, whose
// time has not been measured. docs/adr/0018, 0028.
#ifndef ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_LBFGS_H_
#define ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_LBFGS_H_

#include <memory>

#include "worker/engine/lbfgs.h"
#include "worker/engine/stepper.h"

namespace atelier::engine::experimental {

/// Lbfgs or, with `scale_bands`, BandLbfgs by the block form of the inverse
/// Hessian (BlockPairs) and by matrix products for the spectrum. Steps are the
/// same up to rounding; states are not.
std::unique_ptr<Stepper> MakeBlockLbfgs(const LbfgsOptions& options,
                                        bool scale_bands);

}  // namespace atelier::engine::experimental

#endif  // ATELIER_WORKER_ENGINE_EXPERIMENTAL_BLOCK_LBFGS_H_
