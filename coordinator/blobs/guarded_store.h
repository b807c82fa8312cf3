// An artifact store that takes nothing while the disk is full.
#ifndef ATELIER_COORDINATOR_BLOBS_GUARDED_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_GUARDED_STORE_H_

#include <memory>

#include "absl/status/status.h"
#include "coordinator/blobs/forwarding_store.h"
#include "coordinator/blobs/space_guard.h"

namespace atelier {

/// Over another store, whose methods it has. Writers are refused with the
/// guard's reason, and the guard hears of those that fail. Thread-safe.
class GuardedStore : public ForwardingStore {
 public:
  using MayWrite = absl::Status (SpaceGuard::*)() const;

  /// Lifetime: store and guard outlive it.
  GuardedStore(ArtifactStore& store, SpaceGuard& guard, MayWrite may_write)
      : ForwardingStore(store), guard_(guard), may_write_(may_write) {}

  absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) override;

 private:
  class Writer;

  SpaceGuard& guard_;
  const MayWrite may_write_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_GUARDED_STORE_H_
