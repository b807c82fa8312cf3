// The CPU backend where oneDNN or Highway is not: says so.
#include "absl/status/status.h"
#include "worker/engine/onednn_network.h"

namespace atelier::engine {

std::string WhyNoOnednn() {
  return "this build has no oneDNN 2.6 or 3, or no Highway";
}

std::string OnednnBuild() { return ""; }

absl::StatusOr<std::unique_ptr<Network>> MakeOnednnNetwork(
    const NetworkWeights&, const NetworkOptions&) {
  return absl::FailedPreconditionError(WhyNoOnednn());
}

}  // namespace atelier::engine
