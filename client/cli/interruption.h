// Why a command should end before it is done.
#ifndef ATELIER_CLIENT_CLI_INTERRUPTION_H_
#define ATELIER_CLIENT_CLI_INTERRUPTION_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// A StopSignal that remembers the first reason it was given. Thread-safe.
class Interruption {
 public:
  void Interrupt(absl::Status why) {
    {
      absl::MutexLock lock(&mutex_);
      if (!why_.ok()) return;
      why_ = std::move(why);
    }
    stop_.Stop();
  }
  /// OK until interrupted. Cancelled: by the person at the keyboard.
  absl::Status why() const {
    absl::MutexLock lock(&mutex_);
    return why_;
  }
  /// Whoever takes the signal ends the command in an orderly way when it stops.
  StopSignal& stop() {
    absl::MutexLock lock(&mutex_);
    is_heeded_ = true;
    return stop_;
  }
  /// Whether anybody has taken the signal. Until then there is nothing to put
  /// away, and the process may end where it stands.
  bool IsHeeded() const {
    absl::MutexLock lock(&mutex_);
    return is_heeded_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Status why_ ABSL_GUARDED_BY(mutex_);
  bool is_heeded_ ABSL_GUARDED_BY(mutex_) = false;
  StopSignal stop_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_INTERRUPTION_H_
