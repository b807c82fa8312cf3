#ifndef ATELIER_COORDINATOR_SHARED_STATUS_H_
#define ATELIER_COORDINATOR_SHARED_STATUS_H_

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace atelier {

/// What one thread says and others ask. Thread-safe.
class SharedStatus {
 public:
  void Set(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    status_ = std::move(status);
  }
  absl::Status Get() const {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SHARED_STATUS_H_
