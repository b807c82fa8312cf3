// How much memory a render takes, told before it starts.
#ifndef ATELIER_WORKER_ENGINE_MEMORY_H_
#define ATELIER_WORKER_ENGINE_MEMORY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/params.h"
#include "worker/engine/network.h"

namespace atelier::engine {

struct RenderShape {
  Grid content;
  std::vector<Grid> styles;
  int64_t images = 1;  ///< That step as one batch.
};

/// Bytes on the network's device, the network's own included, the process's
/// (or, on a GPU, the context's) not.
/// REQUIRES: the network was made with OptionsFor(params).
/// Errors: InvalidArgument for pictures that are too small for the network.
absl::StatusOr<int64_t> RenderBytes(Network& network,
                                    const RenderParams& params,
                                    const RenderShape& shape);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_MEMORY_H_
