// An artifact store that hands out nothing but what has its digest.
//
//   VerifiedStore store(*directory, clock, {absl::Hours(24), report_damage});
//   ASSIGN_OR_RETURN(bool there, store.Has(digest));  // And whole.
#ifndef ATELIER_COORDINATOR_BLOBS_VERIFIED_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_VERIFIED_STORE_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/blobs/artifact_store.h"
#include "coordinator/blobs/check_log.h"
#include "coordinator/blobs/forwarding_store.h"

namespace atelier {

struct VerifiedStoreOptions {
  /// What was not read for so long is read before Has answers for it.
  absl::Duration verify_after = absl::Hours(24);
  /// Hears of each artifact that turns out to be damaged. Must be quick.
  std::function<void(const std::string& digest, const absl::Status& why)>
      on_damage;
};

/// Over another store, whose methods it has. What is damaged is discarded, so
/// that it is missing from then on, and the next writer brings it again:
///   * Has compares size and time with those at the last check; where they have
///     changed, or that was more than `verify_after` ago, it reads the
///     artifact;
///   * a reader that has come to the artifact's end gives the last bytes only
///     once all have the digest. One that begins at an offset reads what is
///     before it first.
/// Thread-safe.
class VerifiedStore : public ForwardingStore {
 public:
  /// Lifetime: store and clock outlive it. The clock should not jump.
  VerifiedStore(ArtifactStore& store, Clock& clock,
                VerifiedStoreOptions options);

  absl::StatusOr<bool> Has(absl::string_view digest) override;
  absl::StatusOr<StoredArtifact> Find(absl::string_view digest) override;
  absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) override;
  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(
      absl::string_view digest, int64_t offset_bytes) override;
  absl::StatusOr<bool> Remove(absl::string_view digest,
                              absl::Time unused_since) override;

 private:
  class Reader;
  class Writer;

  bool WasCheckedOfLate(const StoredArtifact& artifact);
  // Reads it, unless another thread has just done so.
  absl::StatusOr<bool> Check(const std::string& digest);
  // What is at the digest can't be opened.
  void Discard(const std::string& digest, const absl::Status& why);
  void Report(const std::string& digest, const absl::Status& why,
              const absl::Status& discarded);

  Clock& clock_;
  const VerifiedStoreOptions options_;
  CheckLog checks_;
  absl::Mutex mutex_;
  std::set<std::string> being_read_ ABSL_GUARDED_BY(mutex_);  // By Check.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_VERIFIED_STORE_H_
