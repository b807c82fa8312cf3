// Where the directory store's files are, and how they get out of the way.
#ifndef ATELIER_COORDINATOR_BLOBS_ARTIFACT_FOLDER_H_
#define ATELIER_COORDINATOR_BLOBS_ARTIFACT_FOLDER_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/blobs/posix_file.h"

namespace atelier {

/// ROOT/ab/abcdef... for each artifact; ROOT/tmp for those on their way in;
/// ROOT/damaged for what stood in an artifact's place and was not it.
/// Thread-safe.
class ArtifactFolder {
 public:
  static constexpr int kShards = 256;

  /// `keeps_damaged`: else damaged files are removed.
  ArtifactFolder(std::string root, bool keeps_damaged)
      : root_(std::move(root)), keeps_damaged_(keeps_damaged) {}

  /// Makes what is missing. Errors: as MakeFolder.
  absl::Status Make() const;

  const std::string& root() const { return root_; }
  std::string TemporaryFolder() const;
  std::string DamagedFolder() const;
  std::string ShardFolder(int shard) const;
  std::string FolderOf(absl::string_view digest) const;
  std::string PathOf(absl::string_view digest) const;

  /// Held while a file is put in its place, touched or taken away, so that
  /// nobody takes away another than the one that was looked at.
  absl::Mutex& mutex() const ABSL_LOCK_RETURNED(mutex_) { return mutex_; }

  /// Takes away what stands in the digest's place, whatever it is.
  absl::Status TakeAway(absl::string_view digest) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

 private:
  const std::string root_;
  const bool keeps_damaged_;
  mutable absl::Mutex mutex_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_ARTIFACT_FOLDER_H_
