// The thread that all connections of a server live on.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_LOOP_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_LOOP_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "boost/asio/io_context.hpp"

namespace atelier {

/// Connections hold it, so that it outlives the last of them, whoever drops
/// that one. Thread-safe, but for Run.
class HttpLoop {
 public:
  boost::asio::io_context& context() { return context_; }

  /// Runs `work` on the loop's thread. Returns false, with nothing done, once
  /// closed.
  bool Post(std::function<void()> work);
  /// Runs `last`, which ends all that goes on, and takes no more work.
  void Close(std::function<void()> last);

  /// The loop's thread: returns once nothing goes on any more.
  void Run() { context_.run(); }

 private:
  boost::asio::io_context context_{1};
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_LOOP_H_
