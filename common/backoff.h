// Exponential backoff with full jitter.
#ifndef ATELIER_COMMON_BACKOFF_H_
#define ATELIER_COMMON_BACKOFF_H_

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace atelier {

/// How long to wait before each repeat of something that failed: uniform
/// between half and all of a bound that doubles from `first` to `most`.
/// Thread-compatible.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration most, uint64_t seed)
      : first_(first), most_(most), bound_(first), random_(seed) {}

  absl::Duration Next() {
    const absl::Duration bound = bound_;
    bound_ = std::min(bound_ * 2, most_);
    return bound * std::uniform_real_distribution<double>(0.5, 1)(random_);
  }
  /// Call after a success.
  void Reset() { bound_ = first_; }

 private:
  absl::Duration first_;
  absl::Duration most_;
  absl::Duration bound_;
  std::mt19937_64 random_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_BACKOFF_H_
