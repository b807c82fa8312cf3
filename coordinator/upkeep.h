// A thread for what must be done now and then, beside the calls.
#ifndef ATELIER_COORDINATOR_UPKEEP_H_
#define ATELIER_COORDINATOR_UPKEEP_H_

#include <functional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace atelier {

/// Runs `work` every so often, on a thread of its own, so that a slow disk
/// keeps nobody waiting.
class Upkeep {
 public:
  Upkeep(absl::Duration every, std::function<void()> work)
      : thread_([this, every, work = std::move(work)] {
          while (!stop_.WaitForNotificationWithTimeout(every)) work();
        }) {}
  /// Returns once `work` has.
  ~Upkeep() {
    stop_.Notify();
    thread_.join();
  }
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_UPKEEP_H_
