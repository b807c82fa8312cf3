// When a checkpoint is worth its way to the store.
#ifndef ATELIER_WORKER_AGENT_CHECKPOINT_PACE_H_
#define ATELIER_WORKER_AGENT_CHECKPOINT_PACE_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace atelier {

/// Of one attempt. Doing over what took less time than its checkpoint would on
/// a slow way costs less than sending one after each small render of a sweep,
/// or a gigabyte every minute. Thread-compatible.
class CheckpointPace {
 public:
  /// A slow way, beside what a network and a disk take.
  static constexpr int64_t kBytesPerSecond = int64_t{8} << 20;

  CheckpointPace(absl::Duration every, absl::Time start)
      : every_(every), last_(start) {}

  /// Whether to make one now, judging its size by the last.
  bool Due(absl::Time now) const {
    return now - last_ >= std::max(every_, WayOf(last_bytes_));
  }
  /// Whether enough was done since the last one, or the start, to send this.
  bool IsWorth(int64_t bytes, absl::Time now) const {
    return now - last_ >= WayOf(bytes);
  }
  /// One was made, and sent or not.
  void Made(int64_t bytes, bool sent, absl::Time now) {
    last_bytes_ = bytes;
    if (sent) last_ = now;
  }

 private:
  static absl::Duration WayOf(int64_t bytes) {
    return absl::Seconds(1) * bytes / kBytesPerSecond;
  }

  absl::Duration every_;
  absl::Time last_;
  int64_t last_bytes_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_CHECKPOINT_PACE_H_
