#include "coordinator/state/iteration_pace.h"

#include <algorithm>

namespace atelier {

bool IterationPace::Hear(int iteration, absl::Time now) {
  if (iteration == iteration_) return false;
  // A render that could not go on from its checkpoint begins anew, and slower
  // or faster iterations of before say nothing about it.
  if (first_iteration_ == 0 || iteration < iteration_) {
    first_iteration_ = iteration;
    first_at_ = now;
  }
  iteration_ = iteration;
  moved_at_ = now;
  return true;
}

void IterationPace::HearOfAnother(absl::Time now) {
  if (iteration_ == 0) moved_at_ = now;
}

absl::Duration IterationPace::Usual() const {
  const int done = iteration_ - first_iteration_;
  return done > 0 ? (moved_at_ - first_at_) / done : absl::ZeroDuration();
}

absl::Duration IterationPace::Patience(absl::Duration at_least) const {
  return std::max(at_least, kStallFactor * Usual());
}

}  // namespace atelier
