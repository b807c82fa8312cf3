// Who may change what stands under a key.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_KEY_LOCKS_H_
#define ATELIER_COORDINATOR_ARTIFACTS_KEY_LOCKS_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// A lock for each key that keeps no thread waiting: work runs once it has the
/// key, one after another in the order they came. Thread-safe.
class KeyLocks {
 public:
  /// The key is held as long as a copy of this lives.
  using Hold = std::shared_ptr<const void>;

  /// Returns once no key is held.
  ~KeyLocks();

  /// Runs `work` now, or on the thread that gives the key up.
  void Acquire(const BlobKey& key, std::function<void(const Hold& hold)> work);

 private:
  using Work = std::function<void(const Hold& hold)>;

  void Run(const BlobKey& key, const Work& work);
  void Release(const BlobKey& key);

  absl::Mutex mutex_;
  // The keys that are held, and who waits for them.
  std::map<BlobKey, std::deque<Work>> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_KEY_LOCKS_H_
