#include "coordinator/blobs/artifact_folder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/random_id.h"
#include "common/status_macros.h"

namespace atelier {

absl::Status ArtifactFolder::Make() const {
  RETURN_IF_ERROR(MakeFolder(root_));
  RETURN_IF_ERROR(MakeFolder(TemporaryFolder()));
  // All folders are made durable here, once, so that a commit has only its
  // own folder to sync.
  for (int shard = 0; shard < kShards; ++shard) {
    RETURN_IF_ERROR(MakeFolder(ShardFolder(shard)));
  }
  RETURN_IF_ERROR(SyncFolder(root_));
  return SyncFolder(absl::StrCat(root_, "/.."));
}

std::string ArtifactFolder::TemporaryFolder() const {
  return absl::StrCat(root_, "/tmp");
}

std::string ArtifactFolder::DamagedFolder() const {
  return absl::StrCat(root_, "/damaged");
}

std::string ArtifactFolder::ShardFolder(int shard) const {
  return absl::StrFormat("%s/%02x", root_, shard);
}

std::string ArtifactFolder::FolderOf(absl::string_view digest) const {
  return absl::StrCat(root_, "/", digest.substr(0, 2));
}

std::string ArtifactFolder::PathOf(absl::string_view digest) const {
  return absl::StrCat(FolderOf(digest), "/", digest);
}

absl::Status ArtifactFolder::TakeAway(absl::string_view digest) const {
  const std::string path = PathOf(digest);
  // Only a file is removed: a folder that somebody put there is theirs.
  if (!keeps_damaged_ && RemoveFile(path).ok()) return absl::OkStatus();
  RETURN_IF_ERROR(MakeFolder(DamagedFolder()));
  return Rename(path, absl::StrCat(DamagedFolder(), "/", digest, ".",
                                   RandomId().substr(0, 8)));
}

}  // namespace atelier
