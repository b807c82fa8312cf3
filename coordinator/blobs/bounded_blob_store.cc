#include "coordinator/blobs/bounded_blob_store.h"

namespace atelier {

// clang-tidy 14 loses sight of a std::function that another one holds.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks)

class BoundedBlobStore::Upload : public BlobUpload {
 public:
  Upload(BoundedBlobStore& store, std::unique_ptr<BlobUpload> upload)
      : store_(store), upload_(std::move(upload)) {}

  void Append(std::string bytes, BlobDone done) override {
    store_.Start([this, bytes = std::move(bytes),
                  done = store_.Counted(std::move(done))]() mutable {
      upload_->Append(std::move(bytes), std::move(done));
    });
  }
  void Commit(BlobCallback<absl::StatusOr<BlobInfo>> done) override {
    store_.Start([this, done = store_.Counted(std::move(done))] {
      upload_->Commit(done);
    });
  }

 private:
  BoundedBlobStore& store_;
  const std::unique_ptr<BlobUpload> upload_;
};

BoundedBlobStore::~BoundedBlobStore() {
  const auto is_idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return calls_ == 0;
  };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&is_idle));
  }
  blobs_.reset();
}

std::unique_ptr<BlobUpload> BoundedBlobStore::NewUpload(const BlobKey& key) {
  return std::make_unique<Upload>(*this, blobs_->NewUpload(key));
}

void BoundedBlobStore::Look(const BlobKey& key,
                            BlobCallback<absl::StatusOr<BlobInfo>> done) {
  Start([this, key, done = Counted(std::move(done))] {
    blobs_->Look(key, done);
  });
}

void BoundedBlobStore::Read(const BlobKey& key, int64_t offset,
                            size_t most_bytes,
                            BlobCallback<absl::StatusOr<std::string>> done) {
  Start([this, key, offset, most_bytes, done = Counted(std::move(done))] {
    blobs_->Read(key, offset, most_bytes, done);
  });
}

void BoundedBlobStore::Delete(const BlobKey& key, BlobDone done) {
  Start([this, key, done = Counted(std::move(done))] {
    blobs_->Delete(key, done);
  });
}

void BoundedBlobStore::SetAside(const BlobKey& key, BlobDone done) {
  Start([this, key, done = Counted(std::move(done))] {
    blobs_->SetAside(key, done);
  });
}

void BoundedBlobStore::List(
    ArtifactKind kind, const std::string& after, size_t limit,
    BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) {
  Start([this, kind, after, limit, done = Counted(std::move(done))] {
    blobs_->List(kind, after, limit, done);
  });
}

void BoundedBlobStore::Start(std::function<void()> call) {
  {
    absl::MutexLock lock(&mutex_);
    if (calls_ == max_calls_) {
      waiting_.push_back(std::move(call));
      return;
    }
    ++calls_;
  }
  call();
}

void BoundedBlobStore::Ended() {
  std::function<void()> next;
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_.empty()) {
      --calls_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next();
}

// NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)

}  // namespace atelier
