// A catalog whose every call is waited for, over a store and a backend of the
// test's choice.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_CATALOG_TESTING_H_
#define ATELIER_COORDINATOR_ARTIFACTS_CATALOG_TESTING_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

inline BlobKey KeyOf(const std::string& bytes,
                     ArtifactKind kind = ArtifactKind::kArtifact) {
  return {kind, HexDigest(bytes)};
}

/// Thread-compatible. Lifetime: the catalog outlives it.
class WaitingCatalog {
 public:
  explicit WaitingCatalog(ArtifactCatalog& catalog) : catalog_(catalog) {}

  absl::Status Put(const BlobKey& key, int64_t size_bytes,
                   const std::vector<std::string>& pieces) {
    using Begun = absl::StatusOr<std::shared_ptr<ArtifactUpload>>;
    const Begun upload = AwaitCall<Begun>(
        [&](auto done) { catalog_.Upload(key, size_bytes, std::move(done)); });
    if (!upload.ok() || *upload == nullptr) return upload.status();
    for (const std::string& piece : pieces) {
      const auto status = AwaitCall<absl::Status>(
          [&](auto done) { (*upload)->Append(piece, std::move(done)); });
      if (!status.ok()) return status;
    }
    return AwaitCall<absl::Status>(
        [&](auto done) { (*upload)->Commit(std::move(done)); });
  }
  absl::Status Put(const std::string& bytes,
                   ArtifactKind kind = ArtifactKind::kArtifact) {
    return Put(KeyOf(bytes, kind), static_cast<int64_t>(bytes.size()), {bytes});
  }

  absl::StatusOr<bool> Has(const BlobKey& key) {
    using Found = absl::StatusOr<std::set<std::string>>;
    const Found found = AwaitCall<Found>([&](auto done) {
      catalog_.FindPresent(key.kind, {key.digest}, std::move(done));
    });
    if (!found.ok()) return found.status();
    return found->count(key.digest) > 0;
  }

  absl::StatusOr<std::shared_ptr<ArtifactDownload>> Open(
      const BlobKey& key, int64_t offset_bytes = 0) {
    using Opened = absl::StatusOr<std::shared_ptr<ArtifactDownload>>;
    return AwaitCall<Opened>([&](auto done) {
      catalog_.Download(key, offset_bytes, std::move(done));
    });
  }
  static absl::StatusOr<std::string> Next(ArtifactDownload& download,
                                          size_t most_bytes = 4096) {
    return AwaitCall<absl::StatusOr<std::string>>(
        [&](auto done) { download.Next(most_bytes, std::move(done)); });
  }
  /// Adds what comes to `given`, also if it does not end well.
  absl::Status Get(const BlobKey& key, int64_t offset_bytes,
                   std::string& given) {
    const auto download = Open(key, offset_bytes);
    if (!download.ok()) return download.status();
    while (true) {
      const absl::StatusOr<std::string> piece = Next(**download);
      if (!piece.ok() || piece->empty()) return piece.status();
      given += *piece;
    }
  }
  absl::StatusOr<std::string> Get(const BlobKey& key,
                                  int64_t offset_bytes = 0) {
    std::string bytes;
    const absl::Status status = Get(key, offset_bytes, bytes);
    if (!status.ok()) return status;
    return bytes;
  }

  absl::StatusOr<bool> Verify(const BlobKey& key) {
    return AwaitCall<absl::StatusOr<bool>>(
        [&](auto done) { catalog_.Verify(key, std::move(done)); });
  }
  absl::StatusOr<bool> Remove(const BlobKey& key, absl::Time unused_since) {
    return AwaitCall<absl::StatusOr<bool>>([&](auto done) {
      catalog_.Remove(key, unused_since, std::move(done));
    });
  }

 private:
  ArtifactCatalog& catalog_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_CATALOG_TESTING_H_
