// How long things take.
#ifndef ATELIER_WORKER_ENGINE_STOPWATCH_H_
#define ATELIER_WORKER_ENGINE_STOPWATCH_H_

#include <chrono>

namespace atelier::engine {

/// Runs from when it is made. Thread-compatible.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STOPWATCH_H_
