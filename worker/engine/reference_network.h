// The reference backend: Torch's own operators, any device.
#ifndef ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_
#define ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <memory>

#include "absl/status/statusor.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// What activations and weights are kept and convolved in. Features, Gram
/// matrices and gradients are float32 outside with all.
enum class Arithmetic {
  kFloat32,
  kTf32,  ///< float32, of which a GPU's convolutions read 10 bits of mantissa;
          ///< with channels last. The same as kFloat32 on a CPU.
  kBfloat16,  ///< With channels last: what tensor cores are fast at.
};

/// Copies the weights of the layers up to the deepest tap to `device`.
/// Errors: InvalidArgument for an unknown tap and for weights that do not fit
///         their description, ResourceExhausted.
absl::StatusOr<std::unique_ptr<Network>> MakeReferenceNetwork(
    const NetworkWeights& weights, const NetworkOptions& options,
    at::Device device, Arithmetic arithmetic = Arithmetic::kFloat32);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_REFERENCE_NETWORK_H_
