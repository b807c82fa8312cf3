// What a worker writes of one attempt, for people: one line for each thing that
// happened, bounded.
//
//   AttemptLog log;
//   log.Add(absl::Now(), "fetched the content: 123456 bytes in 0.12s");
//   log.Text();  // "2026-12-02T16:21:47.123Z fetched the content: ...\n"
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_LOG_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/small_artifacts.h"

namespace atelier {

/// Keeps the beginning and the end. Thread-compatible.
class AttemptLog {
 public:
  /// Of the text, by the contract.
  static constexpr size_t kMaxBytes = kMostLogBytes;

  /// `what` stays on its line, whatever it quotes: ClippedText.
  void Add(absl::Time at, absl::string_view what);

  /// UTF-8. Where lines were left out, one says how many.
  std::string Text() const;

 private:
  std::string head_;
  std::deque<std::string> tail_;
  size_t tail_bytes_ = 0;
  int64_t lines_left_out_ = 0;
  int64_t bytes_left_out_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_LOG_H_
