// The reference backend: Torch's own operators, any device.
#ifndef ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_
#define ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <memory>

#include "absl/status/statusor.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// Copies the weights of the layers up to the deepest tap to `device`.
/// Errors: InvalidArgument for an unknown tap and for weights that do not fit
///         their description, ResourceExhausted.
absl::StatusOr<std::unique_ptr<Network>> MakeReferenceNetwork(
    const NetworkWeights& weights, const NetworkOptions& options,
    at::Device device);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_
