// Small pictures of inputs and results.
#ifndef ATELIER_WORKER_AGENT_THUMBNAILS_H_
#define ATELIER_WORKER_AGENT_THUMBNAILS_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
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

/// The thumbnails of inputs that this process has made so far, as far as it
/// remembers. Thread-safe.
class MadeThumbnails {
 public:
  /// Whether it is the first to be made, as it now counts.
  bool Claim(const std::string& digest, int longer_side_px);

 private:
  absl::Mutex mutex_;
  LruMap<bool> made_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_THUMBNAILS_H_
