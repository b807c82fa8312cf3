// Decoded pictures kept in memory between the renders of a sweep.
#ifndef ATELIER_WORKER_AGENT_PICTURE_CACHE_H_
#define ATELIER_WORKER_AGENT_PICTURE_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/image/image.h"
#include "common/lru_map.h"

namespace atelier {

/// At most `max_bytes` of pictures, by what made them; the least recently used
/// leaves first. 0 keeps none. Thread-safe.
class PictureCache {
 public:
  explicit PictureCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  /// The picture of `key`, made by `make` where it is not kept. `make` runs
  /// without the lock: two callers at once may both make it.
  /// Errors: those of `make`; nothing is kept of them.
  absl::StatusOr<std::shared_ptr<const Image>> GetOrMake(
      const std::string& key, absl::FunctionRef<absl::StatusOr<Image>()> make);
  int64_t size_bytes() const;
  /// Lets go of all pictures, for the room they take.
  void Clear();

 private:
  std::shared_ptr<const Image> Find(const std::string& key);
  void Keep(const std::string& key, std::shared_ptr<const Image> picture);

  const int64_t max_bytes_;
  mutable absl::Mutex mutex_;
  LruMap<std::shared_ptr<const Image>> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_PICTURE_CACHE_H_
