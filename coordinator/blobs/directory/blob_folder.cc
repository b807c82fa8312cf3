#include "coordinator/blobs/directory/blob_folder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/digest.h"
#include "common/random_id.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kShards = 256;

BlobInfo ToInfo(const std::string& digest, const FileState& state) {
  return {digest, state.size_bytes, state.modified_at,
          absl::StrCat(absl::ToUnixNanos(state.modified_at), " ",
                       absl::ToUnixNanos(state.changed_at))};
}

// None of a folder that somebody has removed, or that was never needed.
absl::StatusOr<std::vector<std::string>> DigestsIn(const std::string& folder) {
  absl::StatusOr<std::vector<std::string>> names = ListFolder(folder);
  if (absl::IsNotFound(names.status())) return std::vector<std::string>();
  RETURN_IF_ERROR(names.status());
  const auto is_not_ours = [](const std::string& name) {
    return !IsHexDigest(name);
  };
  names->erase(std::remove_if(names->begin(), names->end(), is_not_ours),
               names->end());
  std::sort(names->begin(), names->end());
  return names;
}

}  // namespace

absl::Status BlobFolder::Open() {
  RETURN_IF_ERROR(MakeRoot());
  return EmptyFolder(root_ + "/tmp");
}

absl::Status BlobFolder::MakeRoot() {
  RETURN_IF_ERROR(MakeFolder(root_));
  RETURN_IF_ERROR(MakeFolder(root_ + "/tmp"));
  RETURN_IF_ERROR(SyncFolder(root_));
  return SyncFolder(root_ + "/..");
}

absl::Status BlobFolder::MakeShard(const std::string& shard) {
  {
    absl::MutexLock lock(&mutex_);
    if (shards_.count(shard) > 0) return absl::OkStatus();
  }
  RETURN_IF_ERROR(MakeRoot());
  RETURN_IF_ERROR(MakeFolder(shard));
  RETURN_IF_ERROR(SyncFolder(root_));
  absl::MutexLock lock(&mutex_);
  shards_.insert(shard);
  return absl::OkStatus();
}

absl::StatusOr<TemporaryFile> BlobFolder::NewTemporaryFile() {
  TemporaryFile made;
  made.path = absl::StrCat(root_, "/tmp/", RandomId());
  absl::StatusOr<FileDescriptor> file = CreateForWriting(made.path);
  if (absl::IsNotFound(file.status())) {  // Somebody has removed the folder.
    RETURN_IF_ERROR(MakeRoot());
    file = CreateForWriting(made.path);
  }
  RETURN_IF_ERROR(file.status());
  made.file = *std::move(file);
  return made;
}

// Another upload may have brought the same bytes meanwhile; replacing them is
// harmless, because the name fixes the content.
absl::StatusOr<BlobInfo> BlobFolder::PutInPlace(
    const std::string& temporary_path, const std::string& digest) {
  const std::string shard = ShardFolder(digest);
  RETURN_IF_ERROR(MakeShard(shard));
  absl::Status status = Rename(temporary_path, PathOf(digest));
  if (absl::IsNotFound(status)) {  // Somebody has removed the folder.
    {
      absl::MutexLock lock(&mutex_);
      shards_.erase(shard);
    }
    RETURN_IF_ERROR(MakeShard(shard));
    status = Rename(temporary_path, PathOf(digest));
  }
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(SyncFolder(shard));
  return Look(digest);
}

absl::StatusOr<BlobInfo> BlobFolder::Look(const std::string& digest) const {
  ASSIGN_OR_RETURN(const FileState state, StateOfFile(PathOf(digest)));
  return ToInfo(digest, state);
}

absl::Status BlobFolder::Delete(const std::string& digest) {
  // Only a file is removed: a folder that somebody put there is theirs.
  const absl::Status status = RemoveFile(PathOf(digest));
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::Status BlobFolder::SetAside(const std::string& digest) {
  const std::string folder = root_ + "/damaged";
  RETURN_IF_ERROR(MakeFolder(folder));
  const absl::Status status =
      Rename(PathOf(digest),
             absl::StrCat(folder, "/", digest, ".", RandomId().substr(0, 8)));
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<BlobInfo>> BlobFolder::List(const std::string& after,
                                                       size_t limit) const {
  std::vector<BlobInfo> page;
  for (int number = 0; number < kShards; ++number) {
    const std::string shard = absl::StrFormat("%02x", number);
    if (shard < after.substr(0, 2)) continue;
    ASSIGN_OR_RETURN(const std::vector<std::string> digests,
                     DigestsIn(ShardFolder(shard)));
    for (auto digest = std::upper_bound(digests.begin(), digests.end(), after);
         digest != digests.end(); ++digest) {
      if (page.size() == limit) return page;
      const absl::StatusOr<BlobInfo> info = Look(*digest);
      if (absl::IsNotFound(info.status())) continue;
      if (absl::IsDataLoss(info.status())) {
        page.push_back({*digest, -1, absl::UnixEpoch(), ""});
        continue;
      }
      RETURN_IF_ERROR(info.status());
      page.push_back(*info);
    }
  }
  return page;
}

std::string BlobFolder::ShardFolder(absl::string_view digest) const {
  return absl::StrCat(root_, "/", digest.substr(0, 2));
}

std::string BlobFolder::PathOf(absl::string_view digest) const {
  return absl::StrCat(ShardFolder(digest), "/", digest);
}

}  // namespace atelier
