// A backend with a bound on what it does at once.
#ifndef ATELIER_COORDINATOR_BLOBS_BOUNDED_BLOB_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_BOUNDED_BLOB_STORE_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// Over another, whose methods it has: at most so many of its calls have begun
/// and not ended; others wait in the order they came. Thread-safe.
class BoundedBlobStore : public BlobStore {
 public:
  /// REQUIRES: max_calls > 0.
  BoundedBlobStore(std::unique_ptr<BlobStore> blobs, int max_calls)
      : max_calls_(max_calls), blobs_(std::move(blobs)) {}
  ~BoundedBlobStore() override;

  std::unique_ptr<BlobUpload> NewUpload(const BlobKey& key) override;
  void Look(const BlobKey& key,
            BlobCallback<absl::StatusOr<BlobInfo>> done) override;
  void Read(const BlobKey& key, int64_t offset, size_t most_bytes,
            BlobCallback<absl::StatusOr<std::string>> done) override;
  void Delete(const BlobKey& key, BlobDone done) override;
  void SetAside(const BlobKey& key, BlobDone done) override;
  void List(ArtifactKind kind, const std::string& after, size_t limit,
            BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) override;

 private:
  class Upload;

  // Runs it now or in its turn; it ends with Ended.
  void Start(std::function<void()> call);
  void Ended();
  // `done`, after which the next may begin.
  template <typename Result>
  BlobCallback<Result> Counted(BlobCallback<Result> done) {
    return [this, done = std::move(done)](Result result) {
      Ended();
      done(std::move(result));
    };
  }

  const int max_calls_;
  absl::Mutex mutex_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<BlobStore> blobs_;  // Last: its threads use the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_BOUNDED_BLOB_STORE_H_
