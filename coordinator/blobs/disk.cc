#include "coordinator/blobs/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/status_macros.h"
#include "coordinator/blobs/posix_file.h"

namespace atelier {

FolderDisk::FolderDisk(std::string folder)
    : folder_(std::move(folder)), reserve_path_(folder_ + "/reserve") {
  struct stat found;
  constexpr int kBlockBytes = 512;
  // Of a copied file, the blocks need not be there.
  if (stat(reserve_path_.c_str(), &found) == 0) {
    reserved_bytes_ = std::min(int64_t{found.st_size},
                               int64_t{found.st_blocks} * kBlockBytes);
  }
}

absl::StatusOr<DiskState> FolderDisk::Look() {
  struct statvfs found;
  if (statvfs(folder_.c_str(), &found) != 0) return FileError(errno, folder_);
  const auto block_bytes = static_cast<int64_t>(found.f_frsize);
  DiskState state;
  state.free_bytes = static_cast<int64_t>(found.f_bavail) * block_bytes;
  state.total_bytes = static_cast<int64_t>(found.f_blocks) * block_bytes;
  state.read_only = (found.f_flag & ST_RDONLY) != 0;
  return state;
}

absl::Status FolderDisk::TryWriting() {
  constexpr size_t kSomeBytes = size_t{64} << 10;
  const std::string path = folder_ + "/try";
  unlink(path.c_str());
  absl::StatusOr<FileDescriptor> file = CreateForWriting(path);
  RETURN_IF_ERROR(file.status());
  absl::Status status = WriteAll(*file, std::string(kSomeBytes, '\0'), path);
  if (status.ok()) status = Sync(*file, path);
  unlink(path.c_str());
  return status;
}

absl::Status FolderDisk::Reserve(int64_t bytes) {
  if (reserved_bytes_ >= bytes) return absl::OkStatus();
  Release();
  ASSIGN_OR_RETURN(const FileDescriptor file, CreateForWriting(reserve_path_));
  // Gives its error back, and leaves errno alone.
  const int error_number =
      posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error_number != 0) {
    unlink(reserve_path_.c_str());
    return FileError(error_number, reserve_path_);
  }
  reserved_bytes_ = bytes;
  return absl::OkStatus();
}

void FolderDisk::Release() {
  unlink(reserve_path_.c_str());
  reserved_bytes_ = 0;
}

}  // namespace atelier
