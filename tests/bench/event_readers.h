// Browsers that have a job open, as far as the coordinator sees them: each
// reads the job's event stream as fast as it comes.
#ifndef ATELIER_TESTS_BENCH_EVENT_READERS_H_
#define ATELIER_TESTS_BENCH_EVENT_READERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/endpoint.h"

namespace atelier {

/// One thread reads them all. Thread-safe.
class EventReaders {
 public:
  /// Opens `count` streams and waits for the head of each.
  /// Errors: Unavailable (a connection), Internal (an answer that is not 200).
  static absl::StatusOr<std::unique_ptr<EventReaders>> Open(
      const Endpoint& http, const std::string& token, const std::string& job_id,
      int count);
  /// Closes them.
  ~EventReaders();
  EventReaders(const EventReaders&) = delete;
  EventReaders& operator=(const EventReaders&) = delete;

  /// What was read of all.
  int64_t bytes() const { return bytes_; }
  /// How many the other side has closed.
  int closed() const { return closed_; }

 private:
  EventReaders() = default;
  absl::Status OpenOne(const Endpoint& http, const std::string& question);
  void Read();

  std::vector<int> sockets_;
  std::atomic<int64_t> bytes_{0};
  std::atomic<int> closed_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_EVENT_READERS_H_
