// Finds damaged artifacts before anybody asks for them.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_SCRUBBER_H_
#define ATELIER_COORDINATOR_ARTIFACTS_SCRUBBER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/artifact_kind.h"
#include "coordinator/artifacts/artifact_catalog.h"

namespace atelier {

struct ScrubOptions {
  /// From the start of one pass over all artifacts to that of the next, unless
  /// it takes longer. Infinite: never.
  absl::Duration every = absl::Hours(24);
  int64_t bytes_per_second = int64_t{16} << 20;
};

/// Reads every artifact through the catalog, which discards what is damaged,
/// and reconciles its rows with what the backend has on the way. The first pass
/// begins with the first Tick. Thread-compatible.
class Scrubber {
 public:
  /// Lifetime: the catalog outlives it.
  Scrubber(ArtifactCatalog& catalog, const ScrubOptions& options)
      : catalog_(catalog), options_(options) {}

  /// Reads what the rate allows since the last call, at most a second's worth,
  /// and waits for it. `now` must not jump. Errors: the catalog's; the next
  /// call goes on.
  absl::Status Tick(absl::Time now);

  int64_t read_bytes() const { return read_bytes_; }
  int64_t passes() const { return passes_; }  ///< That have ended.

 private:
  bool Begin(absl::Time now);
  // Whether there is one.
  absl::StatusOr<bool> OpenNext();
  absl::Status ReadSome();

  ArtifactCatalog& catalog_;
  const ScrubOptions options_;
  absl::Time last_tick_ = absl::InfiniteFuture();
  absl::Time next_pass_ = absl::InfinitePast();
  bool in_pass_ = false;
  double budget_bytes_ = 0;
  int64_t read_bytes_ = 0;
  int64_t passes_ = 0;

  // Where the pass is.
  size_t kind_ = 0;  // In the order of kKinds.
  std::string after_;
  std::deque<std::string> page_;
  std::shared_ptr<ArtifactDownload> download_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_SCRUBBER_H_
