// Threads for handlers that may block, with a bound on what waits for them.
#ifndef ATELIER_COORDINATOR_API_HTTP_BOUNDED_POOL_H_
#define ATELIER_COORDINATOR_API_HTTP_BOUNDED_POOL_H_

#include <atomic>
#include <functional>

#include "common/work_pool.h"

namespace atelier {

/// Thread-safe.
class BoundedPool {
 public:
  BoundedPool(int threads, int max_waiting);
  /// Drops what waits, and returns once what runs has ended.
  ~BoundedPool();

  /// Returns false, with nothing done, where `max_waiting` wait already.
  bool TrySchedule(std::function<void()> work);

 private:
  const int max_waiting_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> stopping_{false};
  WorkPool pool_;  // Last: its threads use the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_BOUNDED_POOL_H_
