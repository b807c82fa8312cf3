// What decorators of an artifact store leave as it is.
#ifndef ATELIER_COORDINATOR_BLOBS_FORWARDING_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_FORWARDING_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/blobs/artifact_store.h"

namespace atelier {

/// Hands every call on. Lifetime: the store outlives it.
class ForwardingStore : public ArtifactStore {
 public:
  explicit ForwardingStore(ArtifactStore& store) : store_(store) {}

  absl::StatusOr<bool> Has(absl::string_view digest) override {
    return store_.Has(digest);
  }
  absl::StatusOr<StoredArtifact> Find(absl::string_view digest) override {
    return store_.Find(digest);
  }
  absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) override {
    return store_.NewWriter(digest, size_bytes);
  }
  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(
      absl::string_view digest, int64_t offset_bytes) override {
    return store_.Open(digest, offset_bytes);
  }
  absl::Status ForEach(const std::function<absl::Status(const StoredArtifact&)>&
                           visit) override {
    return store_.ForEach(visit);
  }
  absl::StatusOr<bool> Remove(absl::string_view digest,
                              absl::Time unused_since) override {
    return store_.Remove(digest, unused_since);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& after,
                                                size_t limit) override {
    return store_.List(after, limit);
  }
  absl::Status DiscardUnreadable(absl::string_view digest) override {
    return store_.DiscardUnreadable(digest);
  }

 protected:
  ArtifactStore& store() const { return store_; }

 private:
  ArtifactStore& store_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_FORWARDING_STORE_H_
