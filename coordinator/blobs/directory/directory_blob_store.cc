#include "coordinator/blobs/directory/directory_blob_store.h"

#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "common/work_pool.h"
#include "coordinator/blobs/directory/blob_folder.h"
#include "coordinator/blobs/posix_file.h"

namespace atelier {
namespace {

// Enough to keep a disk busy; a write waits for it to spin or flush.
constexpr int kThreads = 8;

/// A file in ROOT/tmp, until it has its place.
class TemporaryBlob {
 public:
  TemporaryBlob(BlobFolder& folder, std::string digest)
      : folder_(folder), digest_(std::move(digest)) {}
  ~TemporaryBlob() {
    if (!made_.path.empty() && !placed_) unlink(made_.path.c_str());
  }

  absl::Status Append(const std::string& bytes) {
    RETURN_IF_ERROR(Begin());
    return WriteAll(made_.file, bytes, made_.path);
  }

  absl::StatusOr<BlobInfo> Commit() {
    RETURN_IF_ERROR(Begin());
    // To the nanosecond: the file system's own may be milliseconds behind, and
    // then two changes of a file have one time.
    RETURN_IF_ERROR(Touch(made_.path, absl::Now()));
    RETURN_IF_ERROR(Sync(made_.file, made_.path));
    made_.file.Close();
    ASSIGN_OR_RETURN(BlobInfo info, folder_.PutInPlace(made_.path, digest_));
    placed_ = true;
    return info;
  }

 private:
  absl::Status Begin() {
    if (!made_.path.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(made_, folder_.NewTemporaryFile());
    return absl::OkStatus();
  }

  BlobFolder& folder_;
  const std::string digest_;
  TemporaryFile made_;
  bool placed_ = false;
};

class DirectoryUpload : public BlobUpload {
 public:
  DirectoryUpload(BlobFolder& folder, WorkPool& pool, const std::string& digest)
      : pool_(pool), blob_(std::make_shared<TemporaryBlob>(folder, digest)) {}
  // Removing a file waits for the disk, too.
  ~DirectoryUpload() override {
    pool_.Schedule([blob = std::move(blob_)]() mutable { blob.reset(); });
  }

  void Append(std::string bytes, BlobDone done) override {
    pool_.Schedule([blob = blob_, bytes = std::move(bytes),
                    done = std::move(done)] { done(blob->Append(bytes)); });
  }
  void Commit(BlobCallback<absl::StatusOr<BlobInfo>> done) override {
    pool_.Schedule(
        [blob = blob_, done = std::move(done)] { done(blob->Commit()); });
  }

 private:
  WorkPool& pool_;
  std::shared_ptr<TemporaryBlob> blob_;
};

class DirectoryBlobStore : public BlobStore {
 public:
  explicit DirectoryBlobStore(const std::string& root)
      : artifacts_(root + "/artifacts"),
        checkpoints_(root + "/checkpoints"),
        previews_(root + "/previews"),
        logs_(root + "/logs") {}

  absl::Status Open() {
    RETURN_IF_ERROR(artifacts_.Open());
    RETURN_IF_ERROR(checkpoints_.Open());
    RETURN_IF_ERROR(previews_.Open());
    return logs_.Open();
  }

  std::unique_ptr<BlobUpload> NewUpload(const BlobKey& key) override {
    return std::make_unique<DirectoryUpload>(FolderOf(key.kind), pool_,
                                             key.digest);
  }
  void Look(const BlobKey& key,
            BlobCallback<absl::StatusOr<BlobInfo>> done) override {
    pool_.Schedule([&folder = FolderOf(key.kind), digest = key.digest,
                    done = std::move(done)] { done(folder.Look(digest)); });
  }
  void Read(const BlobKey& key, int64_t offset, size_t most_bytes,
            BlobCallback<absl::StatusOr<std::string>> done) override {
    pool_.Schedule(
        [path = FolderOf(key.kind).PathOf(key.digest), offset, most_bytes,
         done = std::move(done)] { done(ReadFile(path, offset, most_bytes)); });
  }
  void Delete(const BlobKey& key, BlobDone done) override {
    pool_.Schedule([&folder = FolderOf(key.kind), digest = key.digest,
                    done = std::move(done)] { done(folder.Delete(digest)); });
  }
  void SetAside(const BlobKey& key, BlobDone done) override {
    pool_.Schedule([&folder = FolderOf(key.kind), digest = key.digest,
                    done = std::move(done)] { done(folder.SetAside(digest)); });
  }
  void List(ArtifactKind kind, const std::string& after, size_t limit,
            BlobCallback<absl::StatusOr<std::vector<BlobInfo>>> done) override {
    pool_.Schedule(
        [&folder = FolderOf(kind), after, limit, done = std::move(done)] {
          done(folder.List(after, limit));
        });
  }

 private:
  static absl::StatusOr<std::string> ReadFile(const std::string& path,
                                              int64_t offset,
                                              size_t most_bytes) {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenForReading(path));
    return ReadAt(file, offset, most_bytes, path);
  }
  BlobFolder& FolderOf(ArtifactKind kind) {
    switch (kind) {
      case ArtifactKind::kCheckpoint:
        return checkpoints_;
      case ArtifactKind::kPreview:
        return previews_;
      case ArtifactKind::kLog:
        return logs_;
      default:
        return artifacts_;
    }
  }

  BlobFolder artifacts_, checkpoints_, previews_, logs_;
  WorkPool pool_{kThreads};  // Last: its threads use the above.
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlobStore>> OpenDirectoryBlobStore(
    const std::string& root) {
  auto store = std::make_unique<DirectoryBlobStore>(root);
  RETURN_IF_ERROR(store->Open());
  return store;
}

}  // namespace atelier
