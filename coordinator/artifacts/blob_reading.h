// The bytes of a blob in pieces, and whether they have its digest.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_BLOB_READING_H_
#define ATELIER_COORDINATOR_ARTIFACTS_BLOB_READING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "common/digest.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// From the first byte to the last, whose piece is given only once all have the
/// digest. One call at a time; it outlives its calls' ends. Lifetime: the store
/// outlives it.
class BlobReading {
 public:
  BlobReading(BlobStore& blobs, BlobKey key, BlobInfo info)
      : blobs_(blobs), key_(std::move(key)), info_(std::move(info)) {}

  const BlobKey& key() const { return key_; }
  const BlobInfo& info() const { return info_; }  ///< As when it was begun.
  bool has_ended() const { return has_ended_; }

  /// The next bytes, at most `most_bytes`; none at the end.
  /// Errors: DataLoss (they are not the blob's), and the backend's.
  void Next(size_t most_bytes, BlobCallback<absl::StatusOr<std::string>> done);

 private:
  absl::StatusOr<std::string> Take(size_t wanted_bytes, std::string bytes);

  BlobStore& blobs_;
  const BlobKey key_;
  const BlobInfo info_;
  Sha256 hash_;
  int64_t offset_ = 0;
  bool has_ended_ = false;
};

/// Reads on until the offset, which may be the end. Errors: as Next.
void SkipTo(const std::shared_ptr<BlobReading>& reading, int64_t offset,
            BlobDone done);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_BLOB_READING_H_
