// Where a kind's files are, and how they come and go.
#ifndef ATELIER_COORDINATOR_BLOBS_DIRECTORY_BLOB_FOLDER_H_
#define ATELIER_COORDINATOR_BLOBS_DIRECTORY_BLOB_FOLDER_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/blobs/posix_file.h"

namespace atelier {

struct TemporaryFile {
  std::string path;
  FileDescriptor file;
};

/// ROOT/ab/abcdef... for each blob; ROOT/tmp for those on their way in;
/// ROOT/damaged for what was set aside. Thread-safe; every call may wait for
/// the disk. Errors: as BlobStore's.
class BlobFolder {
 public:
  explicit BlobFolder(std::string root) : root_(std::move(root)) {}

  /// Makes what is missing, and removes what a crash left in ROOT/tmp.
  /// Errors: PermissionDenied, ResourceExhausted, Internal; name the path.
  absl::Status Open();

  /// A new file in ROOT/tmp, for writing.
  absl::StatusOr<TemporaryFile> NewTemporaryFile();
  /// Gives a file that is durable itself its place and name.
  absl::StatusOr<BlobInfo> PutInPlace(const std::string& temporary_path,
                                      const std::string& digest);
  absl::StatusOr<BlobInfo> Look(const std::string& digest) const;
  std::string PathOf(absl::string_view digest) const;
  absl::Status Delete(const std::string& digest);
  absl::Status SetAside(const std::string& digest);
  absl::StatusOr<std::vector<BlobInfo>> List(const std::string& after,
                                             size_t limit) const;

 private:
  absl::Status MakeRoot();
  // Its entry is durable, so that a commit has only its own folder to sync.
  absl::Status MakeShard(const std::string& shard) ABSL_LOCKS_EXCLUDED(mutex_);
  std::string ShardFolder(absl::string_view digest) const;

  const std::string root_;
  absl::Mutex mutex_;
  std::set<std::string> shards_ ABSL_GUARDED_BY(mutex_);  // That are durable.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_DIRECTORY_BLOB_FOLDER_H_
