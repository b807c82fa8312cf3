#include "common/rpc/stop_signal.h"

#include <utility>

namespace atelier {

void StopSignal::Stop() {
  // Held while the callbacks run, so that ~StopCallback waits for its own.
  absl::MutexLock lock(&mutex_);
  if (stopped_) return;
  stopped_ = true;
  for (const auto& callback : callbacks_) callback();
}

bool StopSignal::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

bool StopSignal::WaitFor(absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&stopped_), timeout);
}

StopCallback::StopCallback(StopSignal& signal, std::function<void()> callback)
    : signal_(signal) {
  absl::MutexLock lock(&signal_.mutex_);
  if (signal_.stopped_) callback();
  self_ =
      signal_.callbacks_.insert(signal_.callbacks_.end(), std::move(callback));
}

StopCallback::~StopCallback() {
  absl::MutexLock lock(&signal_.mutex_);
  signal_.callbacks_.erase(self_);
}

}  // namespace atelier
