// Measures results with Torch: what the agent's Measurer seam is in production.
#ifndef ATELIER_WORKER_RENDERER_TORCH_MEASURER_H_
#define ATELIER_WORKER_RENDERER_TORCH_MEASURER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/agent/measurer.h"

namespace atelier {

struct TorchMeasurerOptions {
  std::string device = "cpu";    ///< "cpu" or "cuda:N".
  int threads = 0;               ///< 0: as many as this process has cores.
  std::string backend = "auto";  ///< As engine::ChooseBackend.
  /// What measuring may take of the device's memory now.
  std::function<int64_t()> free_bytes = [] {
    return std::numeric_limits<int64_t>::max();
  };
};

/// Keeps its last network on the device, and what the last styles are compared
/// by: at most 32 MB.
/// Errors: as MakeTorchRenderer.
absl::StatusOr<std::unique_ptr<Measurer>> MakeTorchMeasurer(
    const TorchMeasurerOptions& options);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_TORCH_MEASURER_H_
