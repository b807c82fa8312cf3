#include "coordinator/blobs/memory/in_memory_blob_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace atelier {
namespace {

absl::Status NoBlob(const BlobKey& key) {
  return absl::NotFoundError(
      absl::StrCat("no ", Name(key.kind), " ", key.digest));
}

}  // namespace

class InMemoryBlobStore::Upload : public BlobUpload {
 public:
  Upload(InMemoryBlobStore& store, BlobKey key)
      : store_(store), key_(std::move(key)) {}

  void Append(std::string bytes, BlobDone done) override {
    bytes_ += bytes;
    store_.Start<absl::Status>([] { return absl::OkStatus(); },
                               std::move(done));
  }
  void Commit(BlobCallback<absl::StatusOr<BlobInfo>> done) override {
    store_.Start<absl::StatusOr<BlobInfo>>(
        [this] { return store_.Write(key_, std::move(bytes_), absl::Now()); },
        std::move(done));
  }

 private:
  InMemoryBlobStore& store_;
  const BlobKey key_;
  std::string bytes_;
};

std::unique_ptr<BlobUpload> InMemoryBlobStore::NewUpload(const BlobKey& key) {
  return std::make_unique<Upload>(*this, key);
}

void InMemoryBlobStore::Look(const BlobKey& key,
                             BlobCallback<absl::StatusOr<BlobInfo>> done) {
  Start<absl::StatusOr<BlobInfo>>(
      [this, key]() -> absl::StatusOr<BlobInfo> {
        absl::MutexLock lock(&mutex_);
        const auto found = blobs_.find(key);
        if (found == blobs_.end()) return NoBlob(key);
        return InfoOf(key.digest, found->second);
      },
      std::move(done));
}

void InMemoryBlobStore::Read(const BlobKey& key, int64_t offset,
                             size_t most_bytes,
                             BlobCallback<absl::StatusOr<std::string>> done) {
  Start<absl::StatusOr<std::string>>(
      [this, key, offset, most_bytes]() -> absl::StatusOr<std::string> {
        absl::MutexLock lock(&mutex_);
        const auto found = blobs_.find(key);
        if (found == blobs_.end()) return NoBlob(key);
        const std::string& bytes = found->second.bytes;
        const auto size_bytes = static_cast<int64_t>(bytes.size());
        return bytes.substr(static_cast<size_t>(std::min(offset, size_bytes)),
                            most_bytes);
      },
      std::move(done));
}

void InMemoryBlobStore::Delete(const BlobKey& key, BlobDone done) {
  Start<absl::Status>(
      [this, key] {
        absl::MutexLock lock(&mutex_);
        blobs_.erase(key);
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryBlobStore::SetAside(const BlobKey& key, BlobDone done) {
  Start<absl::Status>(
      [this, key] {
        absl::MutexLock lock(&mutex_);
        aside_ += static_cast<int>(blobs_.erase(key));
        return absl::OkStatus();
      },
      std::move(done));
}

void InMemoryBlobStore::List(
    ArtifactKind kind, const std::string& after, size_t limit,
    BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) {
  Start<absl::StatusOr<std::vector<BlobInfo>>>(
      [this, kind, after, limit] {
        absl::MutexLock lock(&mutex_);
        std::vector<BlobInfo> page;
        for (auto blob = blobs_.upper_bound({kind, after});
             blob != blobs_.end() && blob->first.kind == kind &&
             page.size() < limit;
             ++blob) {
          page.push_back(InfoOf(blob->first.digest, blob->second));
        }
        return page;
      },
      std::move(done));
}

void InMemoryBlobStore::Hang(bool hangs) {
  absl::MutexLock lock(&mutex_);
  hangs_ = hangs;
}

void InMemoryBlobStore::FailNext(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  fault_ = status;
}

void InMemoryBlobStore::AwaitCalls(int calls) {
  const auto has_come = [this, calls]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return calls_ == calls;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&has_come));
}

int InMemoryBlobStore::calls() {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

int InMemoryBlobStore::begun() {
  absl::MutexLock lock(&mutex_);
  return begun_;
}

void InMemoryBlobStore::Rot(const BlobKey& key) {
  absl::MutexLock lock(&mutex_);
  std::string& bytes = blobs_.at(key).bytes;
  bytes[bytes.size() / 2] ^= 1;
}

void InMemoryBlobStore::Put(const BlobKey& key, const std::string& bytes,
                            absl::Time modified_at) {
  Write(key, bytes, modified_at).IgnoreError();
}

int InMemoryBlobStore::aside() {
  absl::MutexLock lock(&mutex_);
  return aside_;
}

template <typename Result>
void InMemoryBlobStore::Start(std::function<Result()> work,
                              BlobCallback<Result> done) {
  {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    ++begun_;
  }
  thread_.Schedule([this, work = std::move(work), done = std::move(done)] {
    const absl::Status fault = Fault();
    Result result = fault.ok() ? work() : Result(fault);
    Ended();
    done(std::move(result));
  });
}

absl::Status InMemoryBlobStore::Fault() {
  const auto goes_on = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !hangs_;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&goes_on));
  return std::exchange(fault_, absl::OkStatus());
}

void InMemoryBlobStore::Ended() {
  absl::MutexLock lock(&mutex_);
  --calls_;
}

BlobInfo InMemoryBlobStore::InfoOf(const std::string& digest,
                                   const Blob& blob) {
  return {digest, static_cast<int64_t>(blob.bytes.size()), blob.modified_at,
          absl::StrCat(blob.version)};
}

absl::StatusOr<BlobInfo> InMemoryBlobStore::Write(const BlobKey& key,
                                                  std::string bytes,
                                                  absl::Time modified_at) {
  absl::MutexLock lock(&mutex_);
  Blob& blob = blobs_[key];
  blob = {std::move(bytes), modified_at, ++last_version_};
  return InfoOf(key.digest, blob);
}

}  // namespace atelier
