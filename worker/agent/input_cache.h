// Inputs kept on disk between renders, by digest.
#ifndef ATELIER_WORKER_AGENT_INPUT_CACHE_H_
#define ATELIER_WORKER_AGENT_INPUT_CACHE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/lru_map.h"

namespace atelier {

/// A folder of at most `max_bytes`; the least recently used file leaves first.
/// What is read is hashed, so a damaged file is a missing one. Several workers
/// may share a folder, each keeping to its own bound.
/// Thread-safe.
class InputCache {
 public:
  /// Makes the folder and takes up what is in it, oldest first.
  /// Errors: as the file system says.
  static absl::StatusOr<std::unique_ptr<InputCache>> Open(
      const std::string& folder, int64_t max_bytes);

  /// The bytes, or nothing when they have to be fetched.
  std::optional<std::string> Get(const std::string& digest);
  /// Keeps the bytes if they fit. Errors: as the file system says.
  absl::Status Put(const std::string& digest, absl::string_view bytes);
  /// Digests of what it holds: at most `limit`, the most recently used first.
  std::vector<std::string> Newest(size_t limit) const;
  int64_t size_bytes() const;

 private:
  InputCache(std::string folder, int64_t max_bytes);
  std::string PathOf(const std::string& digest) const;
  void TakeUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const std::string& digest) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoom(int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string folder_;
  const int64_t max_bytes_;
  mutable absl::Mutex mutex_;
  LruMap<std::monostate> files_ ABSL_GUARDED_BY(mutex_);  // By digest.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_INPUT_CACHE_H_
