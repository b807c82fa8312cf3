#include <ATen/cuda/CUDAContext.h>
#include <torch/cuda.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/gpu.h"

namespace atelier {

int GpuCount() { return static_cast<int>(torch::cuda::device_count()); }

absl::StatusOr<GpuDescription> DescribeGpu(int index) {
  return engine::CallTorch(
      "asking CUDA of its devices", [&]() -> absl::StatusOr<GpuDescription> {
        const cudaDeviceProp* const found =
            at::cuda::getDeviceProperties(index);
        GpuDescription gpu;
        gpu.model = found->name;
        gpu.compute_capability = absl::StrCat(found->major, ".", found->minor);
        gpu.memory_bytes = static_cast<int64_t>(found->totalGlobalMem);
        return gpu;
      });
}

}  // namespace atelier
