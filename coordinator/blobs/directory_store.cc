#include "coordinator/blobs/directory_store.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/digest.h"
#include "common/random_id.h"
#include "common/status_macros.h"
#include "coordinator/blobs/artifact_folder.h"
#include "coordinator/blobs/posix_file.h"

namespace atelier {
namespace {

absl::Status ValidateDigest(absl::string_view digest) {
  if (IsHexDigest(digest)) return absl::OkStatus();
  return InvalidArgument("digest \"", digest.substr(0, 80),
                         "\" is not 64 lower-case hex digits");
}

/// Where one digest's bytes are written.
struct Destination {
  std::string digest;
  int64_t size_bytes = 0;
  std::string temporary_path;
};

class FileWriter : public ArtifactWriter {
 public:
  FileWriter(const ArtifactFolder& folder, Destination destination,
             FileDescriptor file, Clock& clock)
      : folder_(folder),
        to_(std::move(destination)),
        file_(std::move(file)),
        clock_(clock) {}

  ~FileWriter() override {
    if (!renamed_) unlink(to_.temporary_path.c_str());
  }

  absl::Status Append(absl::string_view bytes) override {
    written_bytes_ += static_cast<int64_t>(bytes.size());
    if (written_bytes_ > to_.size_bytes) {
      return InvalidArgument("artifact ", to_.digest, " was announced with ",
                             to_.size_bytes, " bytes, at least ",
                             written_bytes_, " were sent");
    }
    hash_.Update(bytes);
    return WriteAll(file_, bytes, to_.temporary_path);
  }

  absl::Status Commit() override {
    if (written_bytes_ != to_.size_bytes) {
      return InvalidArgument("artifact ", to_.digest, " was announced with ",
                             to_.size_bytes, " bytes, ", written_bytes_,
                             " were sent");
    }
    if (const std::string digest = hash_.HexDigest(); digest != to_.digest) {
      return InvalidArgument("artifact was announced with digest ", to_.digest,
                             ", the bytes sent have digest ", digest);
    }
    RETURN_IF_ERROR(Touch(to_.temporary_path, clock_.Now()));
    RETURN_IF_ERROR(Sync(file_, to_.temporary_path));
    file_.Close();
    RETURN_IF_ERROR(PutInPlace());
    renamed_ = true;
    return SyncFolder(folder_.FolderOf(to_.digest));
  }

 private:
  // Another writer may have brought the same bytes meanwhile; replacing them is
  // harmless, because the name fixes the content.
  absl::Status PutInPlace() {
    const std::string path = folder_.PathOf(to_.digest);
    absl::MutexLock lock(&folder_.mutex());
    absl::Status status = Rename(to_.temporary_path, path);
    if (absl::IsNotFound(status)) {  // Somebody has removed the folder.
      RETURN_IF_ERROR(folder_.Make());
      status = Rename(to_.temporary_path, path);
    }
    return status;
  }

  const ArtifactFolder& folder_;
  const Destination to_;
  FileDescriptor file_;
  Clock& clock_;
  Sha256 hash_;
  int64_t written_bytes_ = 0;
  bool renamed_ = false;
};

class FileReader : public ArtifactReader {
 public:
  FileReader(const ArtifactFolder& folder, StoredArtifact artifact,
             FileDescriptor file, int64_t offset_bytes)
      : folder_(folder),
        artifact_(std::move(artifact)),
        path_(folder.PathOf(artifact_.digest)),
        file_(std::move(file)),
        offset_bytes_(offset_bytes) {}

  const StoredArtifact& artifact() const override { return artifact_; }

  absl::StatusOr<std::string> Read(size_t most_bytes) override {
    const int64_t left = artifact_.size_bytes - offset_bytes_;
    if (static_cast<uint64_t>(left) < most_bytes) {
      most_bytes = static_cast<size_t>(left);
    }
    ASSIGN_OR_RETURN(std::string bytes,
                     ReadAt(file_, offset_bytes_, most_bytes, path_));
    if (bytes.size() < most_bytes) {
      return absl::DataLossError(
          absl::StrCat(path_, ": expected ", artifact_.size_bytes,
                       " bytes, the file ends after ",
                       offset_bytes_ + static_cast<int64_t>(bytes.size())));
    }
    offset_bytes_ += static_cast<int64_t>(bytes.size());
    return bytes;
  }

  absl::Status Discard() override {
    absl::MutexLock lock(&folder_.mutex());
    const absl::StatusOr<FileState> read = StateOfFile(file_, path_);
    const absl::StatusOr<FileState> now = StateOfFile(path_);
    if (absl::IsNotFound(now.status())) return absl::OkStatus();
    if (read.ok() && now.ok() && !now->IsSameFile(*read)) {
      return absl::OkStatus();
    }
    return folder_.TakeAway(artifact_.digest);
  }

 private:
  const ArtifactFolder& folder_;
  const StoredArtifact artifact_;
  const std::string path_;
  const FileDescriptor file_;
  int64_t offset_bytes_;
};

class DirectoryStore : public ArtifactStore {
 public:
  explicit DirectoryStore(DirectoryStoreOptions options)
      : options_(std::move(options)),
        folder_(options_.root, options_.keeps_damaged) {}

  absl::Status Initialise() {
    RETURN_IF_ERROR(folder_.Make());
    return EmptyFolder(folder_.TemporaryFolder());
  }

  absl::StatusOr<bool> Has(absl::string_view digest) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    const std::string path = folder_.PathOf(digest);
    const absl::Time now = options_.clock->Now();
    const absl::StatusOr<FileState> state = StateOfFile(path);
    absl::Status found = state.status();
    if (found.ok() && now - state->modified_at > kUsedWithin) {
      absl::MutexLock lock(&folder_.mutex());
      found = Touch(path, now);
    }
    if (absl::IsNotFound(found)) return false;
    RETURN_IF_ERROR(found);
    return true;
  }

  absl::StatusOr<StoredArtifact> Find(absl::string_view digest) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    const absl::StatusOr<FileState> state = StateOfFile(folder_.PathOf(digest));
    if (absl::IsNotFound(state.status())) return NotFound(digest);
    RETURN_IF_ERROR(state.status());
    return ToArtifact(digest, *state);
  }

  absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    if (size_bytes < 0) {
      return InvalidArgument("size_bytes is ", size_bytes,
                             ", which is not at least 0");
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
    to.temporary_path =
        absl::StrCat(folder_.TemporaryFolder(), "/", RandomId());
    absl::StatusOr<FileDescriptor> file = CreateForWriting(to.temporary_path);
    if (absl::IsNotFound(file.status())) {  // Somebody has removed the folder.
      RETURN_IF_ERROR(folder_.Make());
      file = CreateForWriting(to.temporary_path);
    }
    RETURN_IF_ERROR(file.status());
    return std::make_unique<FileWriter>(folder_, std::move(to),
                                        *std::move(file), *options_.clock);
  }

  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(
      absl::string_view digest, int64_t offset_bytes) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    if (offset_bytes < 0) {
      return InvalidArgument("offset_bytes is ", offset_bytes,
                             ", which is not at least 0");
    }
    const std::string path = folder_.PathOf(digest);
    absl::StatusOr<FileDescriptor> file = OpenForReading(path);
    if (absl::IsNotFound(file.status())) return NotFound(digest);
    RETURN_IF_ERROR(file.status());
    ASSIGN_OR_RETURN(const FileState state, StateOfFile(*file, path));
    if (offset_bytes > state.size_bytes) {
      return absl::OutOfRangeError(
          absl::StrCat("offset_bytes is ", offset_bytes, ", artifact ", digest,
                       " has ", state.size_bytes, " bytes"));
    }
    return std::make_unique<FileReader>(folder_, ToArtifact(digest, state),
                                        *std::move(file), offset_bytes);
  }

  absl::Status ForEach(const std::function<absl::Status(const StoredArtifact&)>&
                           visit) override {
    for (int shard = 0; shard < ArtifactFolder::kShards; ++shard) {
      const std::string folder = folder_.ShardFolder(shard);
      ASSIGN_OR_RETURN(const std::vector<std::string> digests,
                       DigestsIn(folder));
      for (const std::string& digest : digests) {
        const absl::StatusOr<FileState> state =
            StateOfFile(absl::StrCat(folder, "/", digest));
        if (absl::IsNotFound(state.status())) continue;
        if (absl::IsDataLoss(state.status())) continue;
        RETURN_IF_ERROR(state.status());
        RETURN_IF_ERROR(visit(ToArtifact(digest, *state)));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Remove(absl::string_view digest,
                              absl::Time unused_since) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    const std::string path = folder_.PathOf(digest);
    absl::MutexLock lock(&folder_.mutex());
    const absl::StatusOr<FileState> state = StateOfFile(path);
    if (absl::IsNotFound(state.status())) return false;
    RETURN_IF_ERROR(state.status());
    if (state->modified_at > unused_since) return false;
    RETURN_IF_ERROR(RemoveFile(path));
    return true;
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& after,
                                                size_t limit) override {
    std::vector<std::string> page;
    for (int shard = 0; shard < ArtifactFolder::kShards; ++shard) {
      const std::string folder = folder_.ShardFolder(shard);
      if (folder < folder_.FolderOf(after)) continue;
      ASSIGN_OR_RETURN(std::vector<std::string> digests, DigestsIn(folder));
      std::sort(digests.begin(), digests.end());
      for (auto digest =
               std::upper_bound(digests.begin(), digests.end(), after);
           digest != digests.end(); ++digest) {
        if (page.size() == limit) return page;
        page.push_back(std::move(*digest));
      }
    }
    return page;
  }

  absl::Status DiscardUnreadable(absl::string_view digest) override {
    RETURN_IF_ERROR(ValidateDigest(digest));
    absl::MutexLock lock(&folder_.mutex());
    const absl::Status opened = OpenForReading(folder_.PathOf(digest)).status();
    if (absl::IsDataLoss(opened)) return folder_.TakeAway(digest);
    return absl::IsNotFound(opened) ? absl::OkStatus() : opened;
  }

 private:
  static absl::Status NotFound(absl::string_view digest) {
    return absl::NotFoundError(absl::StrCat("no artifact ", digest));
  }
  static StoredArtifact ToArtifact(absl::string_view digest,
                                   const FileState& state) {
    return {std::string(digest), state.size_bytes, state.modified_at};
  }

  // None of a folder that somebody has removed.
  static absl::StatusOr<std::vector<std::string>> DigestsIn(
      const std::string& folder) {
    absl::StatusOr<std::vector<std::string>> names = ListFolder(folder);
    if (absl::IsNotFound(names.status())) return std::vector<std::string>();
    RETURN_IF_ERROR(names.status());
    const auto is_not_ours = [](const std::string& name) {
      return !IsHexDigest(name);
    };
    names->erase(std::remove_if(names->begin(), names->end(), is_not_ours),
                 names->end());
    return names;
  }

  const DirectoryStoreOptions options_;
  const ArtifactFolder folder_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(
    const DirectoryStoreOptions& options) {
  auto store = std::make_unique<DirectoryStore>(options);
  RETURN_IF_ERROR(store->Initialise());
  return store;
}

}  // namespace atelier
