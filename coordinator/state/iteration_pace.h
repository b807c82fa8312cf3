// How an attempt gets on, and from when on it does not.
#ifndef ATELIER_COORDINATOR_STATE_ITERATION_PACE_H_
#define ATELIER_COORDINATOR_STATE_ITERATION_PACE_H_

#include "absl/time/time.h"

namespace atelier {

/// So many usual iterations without a next one are a stall, if they take as
/// long as StateOptions::stall_after.
inline constexpr int kStallFactor = 50;

/// What is heard of one attempt's iterations. Thread-compatible.
class IterationPace {
 public:
  /// The attempt was granted, or was found running.
  explicit IterationPace(absl::Time now = absl::InfinitePast())
      : moved_at_(now) {}

  /// Its worker says that it is at this iteration. Returns whether it moved.
  bool Hear(int iteration, absl::Time now);
  /// It may be waiting for another of its worker, which gets on: one that has
  /// not begun is given as long again.
  void HearOfAnother(absl::Time now);

  /// The mean time of an iteration, from the first that was heard of to the
  /// last; zero until there are two.
  absl::Duration Usual() const;
  /// How long it may stay where it is.
  absl::Duration Patience(absl::Duration at_least) const;
  bool HasStalled(absl::Duration at_least, absl::Time now) const {
    return now - moved_at_ >= Patience(at_least);
  }

 private:
  int iteration_ = 0;
  absl::Time moved_at_;  // When it was last heard to have moved.
  int first_iteration_ = 0;
  absl::Time first_at_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ITERATION_PACE_H_
