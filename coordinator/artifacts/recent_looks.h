// What was seen in the backend a moment ago, so that it need not be looked at
// again: a picture is reported right after it was uploaded.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_RECENT_LOOKS_H_
#define ATELIER_COORDINATOR_ARTIFACTS_RECENT_LOOKS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// Bounded. Thread-safe.
class RecentLooks {
 public:
  static constexpr size_t kMost = 4096;
  static constexpr absl::Duration kWithin = absl::Seconds(10);

  /// It was seen whole. Times that go back count as the latest one.
  void Add(const BlobKey& key, absl::Time now);
  /// It is gone, or about to be.
  void Drop(const BlobKey& key);
  /// Whether it was seen less than kWithin ago.
  bool Has(const BlobKey& key, absl::Time now);

 private:
  void DropOld(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  absl::Time latest_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<BlobKey, absl::Time> seen_at_ ABSL_GUARDED_BY(mutex_);
  // By time; one that was seen again or dropped is passed over.
  std::deque<std::pair<absl::Time, BlobKey>> looks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_RECENT_LOOKS_H_
