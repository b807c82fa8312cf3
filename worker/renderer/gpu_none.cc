#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/renderer/gpu.h"

namespace atelier {

int GpuCount() { return 0; }

absl::StatusOr<GpuDescription> DescribeGpu(int index) {
  return absl::InternalError(absl::StrCat(
      "device cuda:", index, ": this worker's Torch was built without CUDA"));
}

}  // namespace atelier
