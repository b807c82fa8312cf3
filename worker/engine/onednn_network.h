// The CPU backend: oneDNN called directly, no autograd. 3x3 convolutions by a
// Winograd of our own where that is faster, bias and ReLU fused, activations in
// one blocked layout from the first layer to the last, memory planned once per
// shape.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_NETWORK_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_NETWORK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// Why this build or processor can't use the backend (it needs oneDNN 2.6 or 3,
/// Highway, and AVX2 or AVX-512), in one line; empty where it can.
std::string WhyNoOnednn();

/// Library version and instruction set: "oneDNN 2.6.3, avx512_core". What its
/// arithmetic depends on, for the profile. REQUIRES: WhyNoOnednn() is empty.
std::string OnednnBuild();

/// A network on the CPU. Losses and gradients are the reference backend's up to
/// rounding (Winograd rounds more: 5e-4 relative). A NaN in the input does not
/// pass a fused ReLU; the total variation of the image still shows it.
/// Errors: InvalidArgument as MakeReferenceNetwork, FailedPrecondition where
///         WhyNoOnednn says why, ResourceExhausted.
absl::StatusOr<std::unique_ptr<Network>> MakeOnednnNetwork(
    const NetworkWeights& weights, const NetworkOptions& options);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_NETWORK_H_
