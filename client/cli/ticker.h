// Calls something some times a second, on a thread of its own.
#ifndef ATELIER_CLIENT_CLI_TICKER_H_
#define ATELIER_CLIENT_CLI_TICKER_H_

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

/// Runs as long as it lives; the destructor waits for a call that has begun.
class Ticker {
 public:
  Ticker(absl::Duration interval, std::function<void()> tick)
      : thread_([this, interval, tick = std::move(tick)] {
          while (!stop_.WaitFor(interval)) tick();
        }) {}
  ~Ticker() {
    stop_.Stop();
    thread_.join();
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  StopSignal stop_;  // There before the thread.
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TICKER_H_
