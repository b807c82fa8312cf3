#include "coordinator/blobs/posix_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Negative with errno where it fails.
FileDescriptor Open(const std::string& path, int flags, mode_t mode = 0) {
  int fd;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return FileDescriptor(fd);
}

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags,
                                        mode_t mode) {
  FileDescriptor file = Open(path, flags, mode);
  if (file.get() < 0) return FileError(errno, path);
  return file;
}

// Of reading what stands in a file's place: some errors are about it alone, and
// stay until it is replaced.
absl::Status ReadError(int error_number, absl::string_view path) {
  switch (error_number) {
    case EACCES:
    case EBADMSG:  // A checksum of the file system does not fit.
    case EIO:
    case EISDIR:
    case ELOOP:
    case ENXIO:
    case EPERM:
    case EUCLEAN:
      return absl::DataLossError(
          absl::ErrnoToStatus(error_number, path).message());
    default:
      return FileError(error_number, path);
  }
}

absl::StatusOr<FileState> ToState(const struct stat& found,
                                  absl::string_view path) {
  if (!S_ISREG(found.st_mode)) {
    return absl::DataLossError(absl::StrCat(path, ": not a regular file"));
  }
  return FileState{static_cast<int64_t>(found.st_size),
                   absl::TimeFromTimespec(found.st_mtim),
                   absl::TimeFromTimespec(found.st_ctim)};
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status FileError(int error_number, absl::string_view path) {
  // Abseil reads EFBIG as "seeked too far"; here it is a limit on file size.
  if (error_number == EFBIG) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": file size limit reached"));
  }
  if (error_number == ENOSPC || error_number == EDQUOT) {
    return absl::UnavailableError(
        absl::StrCat(path, ": the disk is full; repeat once there is room"));
  }
  const absl::Status status = absl::ErrnoToStatus(error_number, path);
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      return status;
    default:
      return absl::InternalError(status.message());
  }
}

absl::StatusOr<FileDescriptor> OpenForReading(const std::string& path) {
  // A pipe in the file's place must not block.
  FileDescriptor file = Open(path, O_RDONLY | O_NONBLOCK);
  if (file.get() < 0) return ReadError(errno, path);
  RETURN_IF_ERROR(StateOfFile(file, path).status());
  return file;
}

absl::StatusOr<FileDescriptor> CreateForWriting(const std::string& path) {
  return OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, 0444);
}

absl::Status WriteAll(const FileDescriptor& file, absl::string_view bytes,
                      absl::string_view path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return FileError(errno, path);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAt(const FileDescriptor& file, int64_t offset,
                                   size_t most_bytes, absl::string_view path) {
  std::string bytes(most_bytes, '\0');
  size_t length = 0;
  while (length < most_bytes) {
    const ssize_t got =
        pread(file.get(), bytes.data() + length, most_bytes - length,
              static_cast<off_t>(offset + static_cast<int64_t>(length)));
    if (got < 0) {
      if (errno == EINTR) continue;
      return ReadError(errno, path);
    }
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

absl::Status Sync(const FileDescriptor& file, absl::string_view path) {
  if (fsync(file.get()) != 0) return FileError(errno, path);
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor folder,
                   OpenFile(path, O_RDONLY | O_DIRECTORY, 0));
  return Sync(folder, path);
}

absl::Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0) return absl::OkStatus();
  const int error_number = errno;
  struct stat found;
  if (error_number == EEXIST && stat(path.c_str(), &found) == 0 &&
      S_ISDIR(found.st_mode)) {
    return absl::OkStatus();
  }
  return FileError(error_number, path);
}

absl::StatusOr<FileState> StateOfFile(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return ReadError(errno, path);
  return ToState(found, path);
}

absl::StatusOr<FileState> StateOfFile(const FileDescriptor& file,
                                      absl::string_view path) {
  struct stat found;
  if (fstat(file.get(), &found) != 0) return ReadError(errno, path);
  return ToState(found, path);
}

absl::Status Touch(const std::string& path, absl::Time time) {
  const timespec modified = absl::ToTimespec(time);
  const timespec times[] = {{0, UTIME_OMIT}, modified};
  if (utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
    return FileError(errno, path);
  }
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0) return FileError(errno, path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()),
                                                   &closedir);
  if (folder == nullptr) return FileError(errno, path);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(folder.get())) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return FileError(errno, path);
  return names;
}

absl::Status EmptyFolder(const std::string& path) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  for (const std::string& name : names) {
    const std::string file = absl::StrCat(path, "/", name);
    if (unlink(file.c_str()) != 0 && errno != EISDIR && errno != ENOENT) {
      return FileError(errno, file);
    }
  }
  return absl::OkStatus();
}

absl::Status Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return FileError(errno, to);
  return absl::OkStatus();
}

}  // namespace atelier
