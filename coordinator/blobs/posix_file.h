// The few system calls behind what is kept in folders, as absl::Status.
#ifndef ATELIER_COORDINATOR_BLOBS_POSIX_FILE_H_
#define ATELIER_COORDINATOR_BLOBS_POSIX_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

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

/// errno as a status that names the path. A full disk and a used-up quota are
/// Unavailable, as they pass; a file-size limit is ResourceExhausted.
absl::Status FileError(int error_number, absl::string_view path);

/// Opens a regular file for reading. Errors: NotFound, Internal; DataLoss when
/// what is there can't be read: a folder, a bad disk, a lack of permission.
absl::StatusOr<FileDescriptor> OpenForReading(const std::string& path);

/// Makes a new file of mode 0444. Errors: AlreadyExists, Unavailable, ...
absl::StatusOr<FileDescriptor> CreateForWriting(const std::string& path);

/// Writes all of `bytes`. `path` is for the message.
absl::Status WriteAll(const FileDescriptor& file, absl::string_view bytes,
                      absl::string_view path);

/// Reads up to `most_bytes` at `offset`; fewer only at the end of the file.
/// Errors: as OpenForReading.
absl::StatusOr<std::string> ReadAt(const FileDescriptor& file, int64_t offset,
                                   size_t most_bytes, absl::string_view path);

/// Forces a file's bytes, or a folder's entries, to the disk.
absl::Status Sync(const FileDescriptor& file, absl::string_view path);
absl::Status SyncFolder(const std::string& path);

/// Makes a folder; one that is there already is fine.
absl::Status MakeFolder(const std::string& path);

/// A file's size, when it was last written or touched, and when anything of it
/// last changed: a time that nobody can set.
struct FileState {
  int64_t size_bytes = 0;
  absl::Time modified_at;
  absl::Time changed_at;
};
/// Errors: as OpenForReading.
absl::StatusOr<FileState> StateOfFile(const std::string& path);
absl::StatusOr<FileState> StateOfFile(const FileDescriptor& file,
                                      absl::string_view path);

/// Sets the time of the last change. Errors: NotFound, Internal.
absl::Status Touch(const std::string& path, absl::Time time);

/// Errors: NotFound, Internal.
absl::Status RemoveFile(const std::string& path);

/// The names in a folder. Errors: NotFound, Internal.
absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path);

/// Removes every file directly in the folder. What is no file stays.
absl::Status EmptyFolder(const std::string& path);

/// Renames; replaces a file of the new name. Errors: NotFound, Internal, ...
absl::Status Rename(const std::string& from, const std::string& to);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_POSIX_FILE_H_
