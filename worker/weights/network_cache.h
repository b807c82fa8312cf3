// The networks of weight files, made once for renders that follow each other.
#ifndef ATELIER_WORKER_WEIGHTS_NETWORK_CACHE_H_
#define ATELIER_WORKER_WEIGHTS_NETWORK_CACHE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/render/params.h"
#include "common/weights/weight_file.h"
#include "worker/engine/backend.h"
#include "worker/engine/network.h"

namespace atelier {

/// Keeps the last network only: neighbours in a sweep mostly share it, and a
/// second one would cost a full-width VGG's memory.
/// Thread-compatible.
class NetworkCache {
 public:
  NetworkCache(engine::Backend backend, at::Device device)
      : backend_(backend), device_(device) {}

  struct Options {
    std::optional<Padding> padding;  ///< Unless given, the file's.
    bool recompute = false;          ///< As engine::NetworkOptions.
  };

  /// The network that `params` reads.
  /// Lifetime: of the result, until the next Get.
  /// Errors: InvalidArgument (an unknown tap), ResourceExhausted.
  absl::StatusOr<engine::Network*> Get(const WeightFile& weights,
                                       const RenderParams& params,
                                       const Options& options);
  absl::StatusOr<engine::Network*> Get(const WeightFile& weights,
                                       const RenderParams& params) {
    return Get(weights, params, Options());
  }
  /// Frees the last network. It is no longer to be used.
  void Clear() {
    network_.reset();
    key_.clear();
  }
  /// Names all that the last network was made of.
  const std::string& key() const { return key_; }

 private:
  const engine::Backend backend_;
  const at::Device device_;
  std::string key_;
  std::unique_ptr<engine::Network> network_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_WEIGHTS_NETWORK_CACHE_H_
