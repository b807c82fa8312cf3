// Finds damaged artifacts before anybody asks for them.
#ifndef ATELIER_COORDINATOR_BLOBS_SCRUBBER_H_
#define ATELIER_COORDINATOR_BLOBS_SCRUBBER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/blobs/artifact_store.h"

namespace atelier {

struct ScrubOptions {
  /// From the start of one pass over all artifacts to that of the next, unless
  /// it takes longer. Infinite: never.
  absl::Duration every = absl::Hours(24);
  int64_t bytes_per_second = int64_t{16} << 20;
};

/// Reads every artifact through its store, which discards what is damaged (see
/// VerifiedStore). The first pass begins with the first Tick.
/// Thread-compatible.
class Scrubber {
 public:
  /// Lifetime: the stores outlive it.
  Scrubber(std::vector<ArtifactStore*> stores, const ScrubOptions& options)
      : stores_(std::move(stores)), options_(options) {}

  /// Reads what the rate allows since the last call, at most a second's worth.
  /// `now` must not jump. Errors: the stores'; the next call goes on.
  absl::Status Tick(absl::Time now);

  int64_t read_bytes() const { return read_bytes_; }
  int64_t passes() const { return passes_; }  ///< That have ended.

 private:
  bool Begin(absl::Time now);
  // Whether there is one.
  absl::StatusOr<bool> OpenNext();
  absl::Status ReadSome();

  const std::vector<ArtifactStore*> stores_;
  const ScrubOptions options_;
  absl::Time last_tick_ = absl::InfiniteFuture();
  absl::Time next_pass_ = absl::InfinitePast();
  bool in_pass_ = false;
  double budget_bytes_ = 0;
  int64_t read_bytes_ = 0;
  int64_t passes_ = 0;

  // Where the pass is.
  size_t store_ = 0;
  std::string after_;
  std::deque<std::string> page_;
  std::unique_ptr<ArtifactReader> reader_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_SCRUBBER_H_
