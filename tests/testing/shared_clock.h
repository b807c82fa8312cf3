// A clock that moves when told, for what other threads look at.
#ifndef ATELIER_TESTS_TESTING_SHARED_CLOCK_H_
#define ATELIER_TESTS_TESTING_SHARED_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

/// Thread-safe.
class SharedClock : public Clock {
 public:
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration by) {
    absl::MutexLock lock(&mutex_);
    now_ += by;
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) =
      absl::UnixEpoch() + absl::Hours(24 * 365);
};

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_SHARED_CLOCK_H_
