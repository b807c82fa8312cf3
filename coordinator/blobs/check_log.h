// When artifacts were last compared with their digests.
#ifndef ATELIER_COORDINATOR_BLOBS_CHECK_LOG_H_
#define ATELIER_COORDINATOR_BLOBS_CHECK_LOG_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/blobs/artifact_store.h"

namespace atelier {

/// In memory and bounded: what was forgotten, or checked by an earlier process,
/// was never checked. Thread-safe.
class CheckLog {
 public:
  /// Some ten megabytes.
  static constexpr size_t kMost = 65536;

  explicit CheckLog(size_t most = kMost) : most_(most) {}

  /// An artifact that was whole while it was as given.
  void Add(const StoredArtifact& artifact, absl::Time checked_at);

  /// When the artifact was last checked; nothing if its size or time has
  /// changed since, as when somebody has written to it.
  std::optional<absl::Time> Find(const StoredArtifact& artifact);

  /// Using an artifact has changed its time. No effect on one that was not
  /// checked as it was before.
  void Touched(const StoredArtifact& before, const StoredArtifact& after);

  void Forget(const std::string& digest);

 private:
  struct Check {
    std::string digest;
    int64_t size_bytes = 0;
    absl::Time used_at;
    absl::Time checked_at;
  };
  using Checks = std::list<Check>;

  // Null where nothing is known of an artifact like this.
  Check* Get(const StoredArtifact& artifact)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  absl::Mutex mutex_;
  Checks checks_ ABSL_GUARDED_BY(mutex_);  // The last used at the end.
  std::map<std::string, Checks::iterator> by_digest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_CHECK_LOG_H_
