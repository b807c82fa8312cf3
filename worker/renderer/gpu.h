// What this machine's GPUs are, and their memory. gpu_cuda.cc asks CUDA where
// Torch was built with it; gpu_none.cc stands in where it was not.
#ifndef ATELIER_WORKER_RENDERER_GPU_H_
#define ATELIER_WORKER_RENDERER_GPU_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace atelier {

struct GpuDescription {
  std::string model;               ///< "NVIDIA H100 80GB HBM3".
  std::string compute_capability;  ///< "9.0".
  int64_t memory_bytes = 0;
};

/// GPUs that Torch can use; 0 without CUDA.
int GpuCount();

/// REQUIRES: 0 <= index < GpuCount().
/// Errors: Internal from CUDA.
absl::StatusOr<GpuDescription> DescribeGpu(int index);

/// Memory that a render could have now: free on the device, or kept by Torch
/// for later. REQUIRES: as DescribeGpu.
/// Errors: Internal from CUDA.
absl::StatusOr<int64_t> GpuFreeBytes(int index);

/// The most that this process's tensors have had of it at once, with what Torch
/// kept beside them. REQUIRES: as DescribeGpu.
/// Errors: Internal from CUDA.
absl::StatusOr<int64_t> GpuPeakBytes(int index);

/// What this process's tensors have of it now, with what Torch keeps beside
/// them. REQUIRES: as DescribeGpu.
/// Errors: Internal from CUDA.
absl::StatusOr<int64_t> GpuHeldBytes(int index);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_GPU_H_
