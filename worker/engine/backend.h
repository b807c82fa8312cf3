// Which implementation of Network a render runs on.
#ifndef ATELIER_WORKER_ENGINE_BACKEND_H_
#define ATELIER_WORKER_ENGINE_BACKEND_H_

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier::engine {

class Network;
struct NetworkOptions;
struct NetworkWeights;

enum class Backend {
  kReference,      ///< Torch's own operators: any device.
  kReferenceTf32,  ///< The same in TF32, channels last; Grams and losses in
                   ///< float32. For GPUs: about three decimals are kept.
  kReferenceBf16,  ///< The same in bfloat16: about two decimals are kept.
  kOnednn,         ///< oneDNN called directly: CPUs with AVX2 or AVX-512.
};

struct BackendChoice {
  Backend backend = Backend::kReference;
  /// Why the fast backend of this device is not it, in one line; else empty.
  std::string fallback;
};

/// "auto" (the fastest that this device and build have in float32), "onednn",
/// "reference", "reference-tf32" or "reference-bf16".
/// Errors: InvalidArgument (an unknown name, with those allowed; a backend that
///         can't be had here, with why).
absl::StatusOr<BackendChoice> ChooseBackend(absl::string_view name,
                                            at::Device device);

/// Name, and the library's version where it has its own: what the arithmetic
/// depends on.
std::string DescribeBackend(Backend backend);

/// REQUIRES: ChooseBackend gave `backend` for `device`.
/// Errors: InvalidArgument for an unknown tap and for weights that do not fit
///         their description, ResourceExhausted.
absl::StatusOr<std::unique_ptr<Network>> MakeNetwork(
    Backend backend, const NetworkWeights& weights,
    const NetworkOptions& options, at::Device device);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BACKEND_H_
