#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
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

absl::StatusOr<int64_t> GpuFreeBytes(int index) {
  return engine::CallTorch(
      "asking CUDA for its memory", [&]() -> absl::StatusOr<int64_t> {
        const c10::cuda::CUDAGuard here(static_cast<c10::DeviceIndex>(index));
        // So that what Torch keeps for later counts as free.
        c10::cuda::CUDACachingAllocator::emptyCache();
        size_t free_bytes = 0;
        size_t all_bytes = 0;
        C10_CUDA_CHECK(cudaMemGetInfo(&free_bytes, &all_bytes));
        return static_cast<int64_t>(free_bytes);
      });
}

namespace {

// Of all pools.
absl::StatusOr<int64_t> ReservedBytes(int index, bool at_most) {
  return engine::CallTorch(
      "asking Torch for its memory on the GPU",
      [&]() -> absl::StatusOr<int64_t> {
        // Before a first tensor there is nothing to ask.
        at::empty({1}, at::device(at::Device(
                           at::kCUDA, static_cast<c10::DeviceIndex>(index))));
        const auto reserved = c10::cuda::CUDACachingAllocator::getDeviceStats(
                                  static_cast<c10::DeviceIndex>(index))
                                  .reserved_bytes[0];
        return at_most ? reserved.peak : reserved.current;
      });
}

}  // namespace

absl::StatusOr<int64_t> GpuPeakBytes(int index) {
  return ReservedBytes(index, /*at_most=*/true);
}

absl::StatusOr<int64_t> GpuHeldBytes(int index) {
  return ReservedBytes(index, /*at_most=*/false);
}

}  // namespace atelier
