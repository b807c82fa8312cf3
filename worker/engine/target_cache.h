// What renders are scored against, kept between the renders of a sweep.
#ifndef ATELIER_WORKER_ENGINE_TARGET_CACHE_H_
#define ATELIER_WORKER_ENGINE_TARGET_CACHE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/lru_map.h"

namespace atelier::engine {

/// Content features, and what losses keep of styles, by the name of what made
/// them: at most `max_bytes`, the least recently used leave first. 0 keeps
/// none. Tensors stay on their device and are shared: none may be changed in
/// place. Thread-compatible.
class TargetCache {
 public:
  explicit TargetCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  /// The tensors of `key`, made by `make` where they are not kept.
  /// Errors: those of `make`; nothing is kept of them.
  absl::StatusOr<std::vector<at::Tensor>> GetOrMake(
      const std::string& key,
      absl::FunctionRef<absl::StatusOr<std::vector<at::Tensor>>()> make);

  /// Lets go of all tensors, for the room they take.
  void Clear();

  int64_t size_bytes() const { return kept_.size_bytes(); }
  int64_t hits() const { return hits_; }

 private:
  const int64_t max_bytes_;
  LruMap<std::vector<at::Tensor>> kept_;
  int64_t hits_ = 0;
};

/// The cache for one render, and names of what its targets depend on: equal
/// names, equal weights, options and device, or equal pixels and region.
/// Lifetime: the cache must outlive it.
struct KeptTargets {
  TargetCache* cache = nullptr;  ///< None: targets are always computed.
  std::string network;
  std::string content;
  std::vector<std::string> styles;  ///< One for each.

  /// Of the pictures made so many times smaller.
  KeptTargets Shrunk(int64_t factor) const;

  /// As TargetCache; or `make` alone, where there is none.
  absl::StatusOr<std::vector<at::Tensor>> GetOrMake(
      const std::string& key,
      absl::FunctionRef<absl::StatusOr<std::vector<at::Tensor>>()> make) const;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TARGET_CACHE_H_
