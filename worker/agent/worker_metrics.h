// What the worker counts of itself, as samples for Synchronize.
#ifndef ATELIER_WORKER_AGENT_WORKER_METRICS_H_
#define ATELIER_WORKER_AGENT_WORKER_METRICS_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"

namespace atelier {

/// Thread-safe.
class WorkerMetrics {
 public:
  explicit WorkerMetrics(int slots) : slots_(slots) {}

  /// 0: it is not known how long it took.
  void CountIteration(absl::Duration took);
  /// An attempt ended, whatever its outcome.
  void CountRender(absl::Duration took);
  /// Appends one sample of each name the coordinator knows.
  void Describe(int busy_slots, v1::SynchronizeRequest* request) const;

 private:
  const int slots_;
  mutable absl::Mutex mutex_;
  int64_t iterations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t renders_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration render_time_ ABSL_GUARDED_BY(mutex_);
  absl::Duration last_iteration_ ABSL_GUARDED_BY(mutex_);
};

/// Resident memory of this process; 0 where the system does not say.
int64_t ResidentMemoryBytes();

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_WORKER_METRICS_H_
