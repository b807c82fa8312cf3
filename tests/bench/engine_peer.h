// The engine against what people otherwise write: a loop in Python.
#ifndef ATELIER_TESTS_BENCH_ENGINE_PEER_H_
#define ATELIER_TESTS_BENCH_ENGINE_PEER_H_

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace atelier {

struct PeerOptions {
  std::string python;  ///< An interpreter that has torch.
  std::string script;  ///< torch_peer.py.
  std::string device;
  std::string backend;  ///< The engine's.
  int iterations = 0;   ///< 0: as many as each needs for a median.
  int threads = 1;
};

/// One iteration of the same render by both, of the same weights and pictures,
/// one after the other: "peer_ms", "peer_BACKEND_ms", "peer_ratio",
/// "peer_loss_difference", that of the first losses, and "peer_torch", the
/// version.
/// Errors: FailedPrecondition (no such interpreter, or it has no torch; names
///         the package), Internal (the losses are not the same).
absl::StatusOr<nlohmann::json> MeasurePeer(const PeerOptions& options);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_ENGINE_PEER_H_
