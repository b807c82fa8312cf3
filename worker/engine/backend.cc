#include "worker/engine/backend.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/engine/onednn_network.h"
#include "worker/engine/reference_network.h"

namespace atelier::engine {

namespace {

Arithmetic ArithmeticOf(Backend backend) {
  if (backend == Backend::kReferenceTf32) return Arithmetic::kTf32;
  if (backend == Backend::kReferenceBf16) return Arithmetic::kBfloat16;
  return Arithmetic::kFloat32;
}

}  // namespace

absl::StatusOr<BackendChoice> ChooseBackend(absl::string_view name,
                                            at::Device device) {
  const std::string why_no_onednn =
      device.is_cpu() ? WhyNoOnednn() : "it renders on CPUs only";
  if (name == "reference") return BackendChoice{Backend::kReference, ""};
  if (name == "reference-tf32") {
    if (!device.is_cpu()) return BackendChoice{Backend::kReferenceTf32, ""};
    return absl::InvalidArgumentError(
        "backend: reference-tf32 can't be had here: it renders on GPUs only");
  }
  if (name == "reference-bf16") {
    return BackendChoice{Backend::kReferenceBf16, ""};
  }
  if (name == "auto") {
    if (why_no_onednn.empty()) return BackendChoice{Backend::kOnednn, ""};
    return BackendChoice{Backend::kReference,
                         device.is_cpu() ? why_no_onednn : ""};
  }
  if (name != "onednn") {
    return absl::InvalidArgumentError(
        absl::StrCat("backend: '", name,
                     "' is unknown; allowed: auto, onednn, reference, "
                     "reference-tf32, reference-bf16"));
  }
  if (!why_no_onednn.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("backend: onednn can't be had here: ", why_no_onednn));
  }
  return BackendChoice{Backend::kOnednn, ""};
}

std::string DescribeBackend(Backend backend) {
  if (backend == Backend::kReference) return "reference";
  if (backend == Backend::kReferenceTf32) return "reference-tf32";
  if (backend == Backend::kReferenceBf16) return "reference-bf16";
  return absl::StrCat("onednn (", OnednnBuild(), ")");
}

absl::StatusOr<std::unique_ptr<Network>> MakeNetwork(
    Backend backend, const NetworkWeights& weights,
    const NetworkOptions& options, at::Device device) {
  if (backend == Backend::kOnednn) return MakeOnednnNetwork(weights, options);
  return MakeReferenceNetwork(weights, options, device, ArithmeticOf(backend));
}

}  // namespace atelier::engine
