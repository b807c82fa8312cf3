// Threads for what may wait: disks, and the control plane's commits. gRPC's own
// threads must not, or a slow disk would hold up every call.
#ifndef ATELIER_COMMON_WORK_POOL_H_
#define ATELIER_COMMON_WORK_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace atelier {

/// Thread-safe. Runs what is scheduled in order, on `threads` threads.
class WorkPool {
 public:
  explicit WorkPool(int threads);
  /// Runs what is still queued, then ends the threads.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  void Schedule(std::function<void()> work);

 private:
  void Run();

  absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_WORK_POOL_H_
