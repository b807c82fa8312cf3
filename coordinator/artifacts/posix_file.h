// The few system calls behind the directory store, as absl::Status.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_POSIX_FILE_H_
#define ATELIER_COORDINATOR_ARTIFACTS_POSIX_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Owns a file descriptor. Thread-compatible.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  void Close();

 private:
  int fd_ = -1;
};

/// errno as a status that names the path. A full disk, a used-up quota and a
/// file-size limit are all ResourceExhausted.
absl::Status FileError(int error_number, absl::string_view path);

/// Opens for reading. Errors: NotFound, PermissionDenied, Internal.
absl::StatusOr<FileDescriptor> OpenForReading(const std::string& path);

/// Makes a new file of mode 0444. Errors: AlreadyExists, ResourceExhausted, ...
absl::StatusOr<FileDescriptor> CreateForWriting(const std::string& path);

/// Writes all of `bytes`. `path` is for the message.
absl::Status WriteAll(const FileDescriptor& file, absl::string_view bytes,
                      absl::string_view path);

/// Reads up to `most_bytes` at `offset`; fewer only at the end of the file.
absl::StatusOr<std::string> ReadAt(const FileDescriptor& file, int64_t offset,
                                   size_t most_bytes, absl::string_view path);

/// Forces a file's bytes, or a folder's entries, to the disk.
absl::Status Sync(const FileDescriptor& file, absl::string_view path);
absl::Status SyncFolder(const std::string& path);

/// Makes a folder; one that is there already is fine.
absl::Status MakeFolder(const std::string& path);

/// Errors: NotFound, PermissionDenied, Internal (a folder stands there).
absl::StatusOr<int64_t> FileSize(const std::string& path);

/// Removes every file directly in the folder.
absl::Status EmptyFolder(const std::string& path);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_POSIX_FILE_H_
