// Small pictures of inputs and results.
#ifndef ATELIER_WORKER_AGENT_THUMBNAILS_H_
#define ATELIER_WORKER_AGENT_THUMBNAILS_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/image/image.h"
#include "common/lru_map.h"

namespace atelier {

struct Thumbnail {
  int longer_side_px = 0;
  std::string jpeg;
};

/// Of 512, 256 and 128 px those that are less than the picture's own longer
/// side and `wanted`.
/// Errors: InvalidArgument (no pixels), ResourceExhausted, Internal.
absl::StatusOr<std::vector<Thumbnail>> MakeThumbnails(
    const Image& picture, absl::FunctionRef<bool(int longer_side_px)> wanted);

/// The thumbnails of inputs that this process has made of late, as far as it
/// remembers. Thread-safe.
class MadeThumbnails {
 public:
  /// Lifetime: the clock, which should not jump, outlives it.
  explicit MadeThumbnails(Clock& clock = Clock::Steady()) : clock_(clock) {}

  /// Whether it is to be made, as it now counts.
  bool Claim(const std::string& digest, int longer_side_px);
  /// It did not arrive: the next one who has the picture makes it.
  void Forget(const std::string& digest, int longer_side_px);

 private:
  Clock& clock_;
  absl::Mutex mutex_;
  LruMap<absl::Time> made_ ABSL_GUARDED_BY(mutex_);  // And when.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_THUMBNAILS_H_
