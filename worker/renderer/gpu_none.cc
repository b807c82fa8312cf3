#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/renderer/gpu.h"

namespace atelier {

int GpuCount() { return 0; }

absl::StatusOr<GpuDescription> DescribeGpu(int index) {
  return absl::InternalError(absl::StrCat(
      "device cuda:", index, ": this worker's Torch was built without CUDA"));
}

absl::StatusOr<int64_t> GpuFreeBytes(int) {
  return absl::InternalError("this build has no CUDA");
}

absl::StatusOr<int64_t> GpuHeldBytes(int) {
  return absl::InternalError("this build has no CUDA");
}

absl::StatusOr<int64_t> GpuPeakBytes(int) {
  return absl::InternalError("this build has no CUDA");
}

}  // namespace atelier
