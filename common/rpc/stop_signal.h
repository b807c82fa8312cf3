// A one-way switch that says "stop", with a way to wake what would not look.
//
//   StopSignal stop;
//   if (stop.WaitFor(absl::Seconds(5))) return;  // told to stop meanwhile
//   StopCallback cancel(stop, [&] { context.TryCancel(); });
#ifndef ATELIER_COMMON_RPC_STOP_SIGNAL_H_
#define ATELIER_COMMON_RPC_STOP_SIGNAL_H_

#include <functional>
#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace atelier {

/// Thread-safe. Not for signal handlers: wait for signals on a thread instead.
class StopSignal {
 public:
  StopSignal() = default;
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// Runs the callbacks, on this thread, before it returns. Once is enough.
  void Stop();
  bool stopped() const;
  /// Waits until stopped, or `timeout` has passed. Whether it is stopped.
  bool WaitFor(absl::Duration timeout) const;

 private:
  friend class StopCallback;
  using Callbacks = std::list<std::function<void()>>;

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Callbacks callbacks_ ABSL_GUARDED_BY(mutex_);
};

/// Calls `callback` when `signal` stops, at once if it already has. After the
/// destructor it is not running and never will. The callback must be quick and
/// must not touch the signal. The signal outlives this.
class StopCallback {
 public:
  StopCallback(StopSignal& signal, std::function<void()> callback);
  ~StopCallback();
  StopCallback(const StopCallback&) = delete;
  StopCallback& operator=(const StopCallback&) = delete;

 private:
  StopSignal& signal_;
  StopSignal::Callbacks::iterator self_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_STOP_SIGNAL_H_
