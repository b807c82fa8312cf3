// Devices by name, and what their arithmetic depends on.
#ifndef ATELIER_WORKER_RENDERER_DEVICE_H_
#define ATELIER_WORKER_RENDERER_DEVICE_H_

#include <c10/core/Device.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/engine/backend.h"
#include "worker/renderer/torch_renderer.h"

namespace atelier {

/// Errors: InvalidArgument (gives the name and the devices there are).
absl::StatusOr<c10::Device> FindDevice(absl::string_view name);

/// `threads` and `choice` are what the renders will use, at least 1.
/// Errors: Internal from CUDA.
absl::StatusOr<DeviceReport> DescribeDevice(
    c10::Device device, int threads, const engine::BackendChoice& choice);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_DEVICE_H_
