// Where bytes are kept: the seam between the coordinator and folders, buckets
// and the like.
//
//   std::shared_ptr<BlobUpload> upload = blobs.NewUpload(key);
//   upload->Append(bytes, [upload](absl::Status status) { ... });
//   blobs.Read(key, 0, 4096, [](absl::StatusOr<std::string> bytes) { ... });
//
// A backend keeps what it is given and knows nothing of it: whether bytes have
// the digest that they are named by, when they were used and what is damaged is
// decided elsewhere (coordinator/artifacts).
#ifndef ATELIER_COORDINATOR_BLOBS_BLOB_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_BLOB_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/artifact_kind.h"

namespace atelier {

/// What names a blob.
struct BlobKey {
  ArtifactKind kind = ArtifactKind::kArtifact;
  std::string digest;  ///< 64 lower-case hex digits.

  friend bool operator<(const BlobKey& a, const BlobKey& b) {
    return std::tie(a.kind, a.digest) < std::tie(b.kind, b.digest);
  }
};

/// A blob, without its bytes.
struct BlobInfo {
  std::string digest;
  int64_t size_bytes = 0;
  absl::Time modified_at;
  /// Another one once somebody has written to it, as far as that shows without
  /// reading it: times of a file, an ETag. Opaque.
  std::string version;
};

/// Hears of a call's end, exactly once, on a thread of the backend's, with no
/// lock held and never from within the call. It may take milliseconds (hash a
/// piece, read a row), and must not wait for another call.
template <typename Result>
using BlobCallback = std::function<void(Result)>;
using BlobDone = BlobCallback<absl::Status>;

/// One blob on its way in. Destroying it without Commit leaves no trace, at the
/// latest once the store is opened again. One call at a time, and it is
/// destroyed after the last has ended; otherwise it may be used from any
/// thread. Lifetime: must not outlive its store.
class BlobUpload {
 public:
  virtual ~BlobUpload() = default;
  /// Errors: Unavailable (no room), ResourceExhausted (too large for the
  ///         backend), Internal. After an error only destroy it.
  virtual void Append(std::string bytes, BlobDone done) = 0;
  /// Ends once the blob is durable; takes the place of one of the same key.
  /// Call once, last. Errors: as Append.
  virtual void Commit(BlobCallback<absl::StatusOr<BlobInfo>> done) = 0;
};

/// Thread-safe. Calls return at once, and run beside each other in any order.
/// REQUIRES: the digest of every key is well-formed.
///
/// Errors common to all: Internal, Unavailable (repeat later). What stands in a
/// blob's place and can't be read is DataLoss.
class BlobStore {
 public:
  /// Every call has ended by then.
  virtual ~BlobStore() = default;

  /// Any number of uploads may bring the same key at once.
  virtual std::unique_ptr<BlobUpload> NewUpload(const BlobKey& key) = 0;

  /// Errors: NotFound, DataLoss.
  virtual void Look(const BlobKey& key,
                    BlobCallback<absl::StatusOr<BlobInfo>> done) = 0;

  /// At most `most_bytes` from the offset on; fewer only at the blob's end, and
  /// none past it. Errors: NotFound, DataLoss.
  virtual void Read(const BlobKey& key, int64_t offset, size_t most_bytes,
                    BlobCallback<absl::StatusOr<std::string>> done) = 0;

  /// OK where there is none. What is no blob, as a folder, may stay: Internal.
  virtual void Delete(const BlobKey& key, BlobDone done) = 0;

  /// Moves what stands there, whatever it is, to where people may look at it
  /// and no other call finds it. OK where there is nothing.
  virtual void SetAside(const BlobKey& key, BlobDone done) = 0;

  /// At most `limit` blobs of the kind with digests after `after`, in their
  /// order; fewer only at the end. One that comes or goes meanwhile may be left
  /// out. One that can't be read has size -1 and no version.
  virtual void List(
      ArtifactKind kind, const std::string& after, size_t limit,
      BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_BLOB_STORE_H_
