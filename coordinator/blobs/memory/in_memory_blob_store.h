// A backend that forgets everything when its process ends: for tests.
#ifndef ATELIER_COORDINATOR_BLOBS_MEMORY_IN_MEMORY_BLOB_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_MEMORY_IN_MEMORY_BLOB_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/work_pool.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// Keeps every promise of BlobStore but durability, in a map; and can be slow,
/// fail and lose bytes as others do. Thread-safe.
class InMemoryBlobStore : public BlobStore {
 public:
  std::unique_ptr<BlobUpload> NewUpload(const BlobKey& key) override;
  void Look(const BlobKey& key,
            BlobCallback<absl::StatusOr<BlobInfo>> done) override;
  void Read(const BlobKey& key, int64_t offset, size_t most_bytes,
            BlobCallback<absl::StatusOr<std::string>> done) override;
  void Delete(const BlobKey& key, BlobDone done) override;
  void SetAside(const BlobKey& key, BlobDone done) override;
  void List(ArtifactKind kind, const std::string& after, size_t limit,
            BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) override;

  /// Calls begin, and none ends until this is over.
  void Hang(bool hangs);
  /// The next call to be done ends with this.
  void FailNext(const absl::Status& status);
  /// Waits until so many calls have begun and not ended.
  void AwaitCalls(int calls);
  int calls();
  int begun();  ///< Calls ever.

  /// Flips a bit, which only reading it shows. REQUIRES: it is there.
  void Rot(const BlobKey& key);
  /// What somebody puts there behind the coordinator's back; visibly so.
  void Put(const BlobKey& key, const std::string& bytes,
           absl::Time modified_at = absl::UnixEpoch());
  int aside();  ///< How many were set aside.

 private:
  class Upload;
  struct Blob {
    std::string bytes;
    absl::Time modified_at;
    int64_t version = 0;
  };

  // Runs it on the thread, unless it is to fail.
  template <typename Result>
  void Start(std::function<Result()> work, BlobCallback<Result> done);
  absl::Status Fault() ABSL_LOCKS_EXCLUDED(mutex_);
  void Ended();
  static BlobInfo InfoOf(const std::string& digest, const Blob& blob);
  absl::StatusOr<BlobInfo> Write(const BlobKey& key, std::string bytes,
                                 absl::Time modified_at)
      ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  bool hangs_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int aside_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_version_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status fault_ ABSL_GUARDED_BY(mutex_);
  std::map<BlobKey, Blob> blobs_ ABSL_GUARDED_BY(mutex_);
  WorkPool thread_{1};  // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_MEMORY_IN_MEMORY_BLOB_STORE_H_
