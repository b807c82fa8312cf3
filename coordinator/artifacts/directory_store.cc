#include "coordinator/artifacts/directory_store.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "common/digest.h"
#include "common/random_id.h"
#include "common/status_macros.h"
#include "coordinator/artifacts/posix_file.h"

namespace atelier {
namespace {

absl::Status ValidateDigest(absl::string_view digest) {
  if (IsHexDigest(digest)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "digest \"", digest.substr(0, 80), "\" is not 64 lower-case hex digits"));
}

/// Where one digest's bytes are written, and where they end up.
struct Destination {
  std::string digest;
  int64_t size_bytes = 0;
  std::string temporary_path;
  std::string final_folder;
  std::string final_path;
};

class FileWriter : public ArtifactWriter {
 public:
  FileWriter(Destination destination, FileDescriptor file, Clock& clock)
      : to_(std::move(destination)), file_(std::move(file)), clock_(clock) {}

  ~FileWriter() override {
    if (!renamed_) unlink(to_.temporary_path.c_str());
  }

  absl::Status Append(absl::string_view bytes) override {
    written_bytes_ += static_cast<int64_t>(bytes.size());
    if (written_bytes_ > to_.size_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "artifact ", to_.digest, " was announced with ", to_.size_bytes,
          " bytes, at least ", written_bytes_, " were sent"));
    }
    hash_.Update(bytes);
    return WriteAll(file_, bytes, to_.temporary_path);
  }

  absl::Status Commit() override {
    if (written_bytes_ != to_.size_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "artifact ", to_.digest, " was announced with ", to_.size_bytes,
          " bytes, ", written_bytes_, " were sent"));
    }
    if (const std::string digest = hash_.HexDigest(); digest != to_.digest) {
      return absl::InvalidArgumentError(
          absl::StrCat("artifact was announced with digest ", to_.digest,
                       ", the bytes sent have digest ", digest));
    }
    RETURN_IF_ERROR(Touch(to_.temporary_path, clock_.Now()));
    RETURN_IF_ERROR(Sync(file_, to_.temporary_path));
    file_.Close();
    // Another writer may have brought the same bytes meanwhile; replacing them
    // is harmless, because the name fixes the content.
    if (rename(to_.temporary_path.c_str(), to_.final_path.c_str()) != 0) {
      return FileError(errno, to_.final_path);
    }
    renamed_ = true;
    return SyncFolder(to_.final_folder);
  }

 private:
  const Destination to_;
  FileDescriptor file_;
  Clock& clock_;
  Sha256 hash_;
  int64_t written_bytes_ = 0;
  bool renamed_ = false;
};

class FileReader : public ArtifactReader {
 public:
  FileReader(std::string path, FileDescriptor file, int64_t size_bytes,
             int64_t offset_bytes)
      : path_(std::move(path)),
        file_(std::move(file)),
        size_bytes_(size_bytes),
        offset_bytes_(offset_bytes) {}

  int64_t size_bytes() const override { return size_bytes_; }

  absl::StatusOr<std::string> Read(size_t most_bytes) override {
    const int64_t left = size_bytes_ - offset_bytes_;
    if (static_cast<uint64_t>(left) < most_bytes) {
      most_bytes = static_cast<size_t>(left);
    }
    ASSIGN_OR_RETURN(std::string bytes,
                     ReadAt(file_, offset_bytes_, most_bytes, path_));
    if (bytes.size() < most_bytes) {
      return absl::DataLossError(absl::StrCat(
          path_, ": expected ", size_bytes_, " bytes, the file ends after ",
          offset_bytes_ + static_cast<int64_t>(bytes.size())));
    }
    offset_bytes_ += static_cast<int64_t>(bytes.size());
    return bytes;
  }

 private:
  const std::string path_;
  const FileDescriptor file_;
  const int64_t size_bytes_;
  int64_t offset_bytes_;
};

class DirectoryStore : public ArtifactStore {
 public:
  explicit DirectoryStore(DirectoryStoreOptions options)
      : options_(std::move(options)) {}

  absl::Status Initialise() {
    RETURN_IF_ERROR(MakeFolder(options_.root));
    RETURN_IF_ERROR(MakeFolder(TemporaryFolder()));
    RETURN_IF_ERROR(EmptyFolder(TemporaryFolder()));
    // All folders are made durable here, once, so that a commit has only its
    // own folder to sync.
    for (int shard = 0; shard < kShards; ++shard) {
      RETURN_IF_ERROR(MakeFolder(ShardFolder(shard)));
    }
    RETURN_IF_ERROR(SyncFolder(options_.root));
    return SyncFolder(absl::StrCat(options_.root, "/.."));
  }

  absl::StatusOr<bool> Has(absl::string_view digest) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    const std::string path = FinalPath(digest);
    const absl::Time now = options_.clock->Now();
    const absl::StatusOr<FileState> state = StateOfFile(path);
    absl::Status found = state.status();
    if (found.ok() && now - state->modified_at > kUsedWithin) {
      absl::MutexLock lock(&remove_mu_);
      found = Touch(path, now);
    }
    if (absl::IsNotFound(found)) return false;
    RETURN_IF_ERROR(found);
    return true;
  }

  absl::StatusOr<int64_t> SizeBytes(absl::string_view digest) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    absl::StatusOr<int64_t> size = FileSize(FinalPath(digest));
    if (absl::IsNotFound(size.status())) return NotFound(digest);
    return size;
  }

  absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    if (size_bytes < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "size_bytes is ", size_bytes, ", which is not at least 0"));
    }
    if (size_bytes > options_.max_artifact_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("artifact ", digest, " has ", size_bytes,
                       " bytes, the coordinator takes at most ",
                       options_.max_artifact_bytes, " (--max-artifact-bytes)"));
    }
    Destination to;
    to.digest = std::string(digest);
    to.size_bytes = size_bytes;
    to.temporary_path = absl::StrCat(TemporaryFolder(), "/", RandomId());
    to.final_folder = FinalFolder(digest);
    to.final_path = FinalPath(digest);
    ASSIGN_OR_RETURN(FileDescriptor file, CreateForWriting(to.temporary_path));
    return std::make_unique<FileWriter>(std::move(to), std::move(file),
                                        *options_.clock);
  }

  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(
      absl::string_view digest, int64_t offset_bytes) override {
    if (offset_bytes < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "offset_bytes is ", offset_bytes, ", which is not at least 0"));
    }
    ASSIGN_OR_RETURN(const int64_t size_bytes, SizeBytes(digest));
    if (offset_bytes > size_bytes) {
      return absl::OutOfRangeError(
          absl::StrCat("offset_bytes is ", offset_bytes, ", artifact ", digest,
                       " has ", size_bytes, " bytes"));
    }
    std::string path = FinalPath(digest);
    ASSIGN_OR_RETURN(FileDescriptor file, OpenForReading(path));
    return std::make_unique<FileReader>(std::move(path), std::move(file),
                                        size_bytes, offset_bytes);
  }

  absl::Status ForEach(const std::function<absl::Status(const StoredArtifact&)>&
                           visit) override {
    for (int shard = 0; shard < kShards; ++shard) {
      const std::string folder = ShardFolder(shard);
      ASSIGN_OR_RETURN(std::vector<std::string> names, ListFolder(folder));
      for (std::string& name : names) {
        if (!IsHexDigest(name)) continue;  // Not ours.
        const absl::StatusOr<FileState> state =
            StateOfFile(absl::StrCat(folder, "/", name));
        if (absl::IsNotFound(state.status())) continue;
        RETURN_IF_ERROR(state.status());
        RETURN_IF_ERROR(
            visit({std::move(name), state->size_bytes, state->modified_at}));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Remove(absl::string_view digest,
                              absl::Time unused_since) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    const std::string path = FinalPath(digest);
    absl::MutexLock lock(&remove_mu_);
    const absl::StatusOr<FileState> state = StateOfFile(path);
    if (absl::IsNotFound(state.status())) return false;
    RETURN_IF_ERROR(state.status());
    if (state->modified_at > unused_since) return false;
    RETURN_IF_ERROR(RemoveFile(path));
    return true;
  }

 private:
  static absl::Status NotFound(absl::string_view digest) {
    return absl::NotFoundError(absl::StrCat("no artifact ", digest));
  }
  std::string TemporaryFolder() const {
    return absl::StrCat(options_.root, "/tmp");
  }
  std::string ShardFolder(int shard) const {
    return absl::StrFormat("%s/%02x", options_.root, shard);
  }
  std::string FinalFolder(absl::string_view digest) const {
    return absl::StrCat(options_.root, "/", digest.substr(0, 2));
  }
  std::string FinalPath(absl::string_view digest) const {
    return absl::StrCat(FinalFolder(digest), "/", digest);
  }

  static constexpr int kShards = 256;

  const DirectoryStoreOptions options_;
  // Held while a file is touched or removed: one that Has has spoken of stays.
  absl::Mutex remove_mu_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(
    const DirectoryStoreOptions& options) {
  auto store = std::make_unique<DirectoryStore>(options);
  RETURN_IF_ERROR(store->Initialise());
  return store;
}

}  // namespace atelier
