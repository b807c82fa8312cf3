#include "common/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/random_id.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status SystemError(absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

absl::Status WriteAll(int fd, absl::string_view bytes,
                      const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError("write", path);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  const FileDescriptor folder(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || fsync(folder.get()) != 0) {
    return SystemError("sync folder", path);
  }
  return absl::OkStatus();
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

absl::Status WriteNewFile(const std::string& path, absl::string_view bytes,
                          Durability durability) {
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!file.ok()) return SystemError("create", path);
  RETURN_IF_ERROR(WriteAll(file.get(), bytes, path));
  if (durability == Durability::kDurable && fsync(file.get()) != 0) {
    return SystemError("sync", path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return SystemError("open", path);
  struct stat about;
  if (fstat(file.get(), &about) != 0) return SystemError("stat", path);
  if (S_ISDIR(about.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a folder"));
  }
  std::string bytes;
  bytes.reserve(
      static_cast<size_t>(std::min<int64_t>(about.st_size, max_bytes)));
  char piece[1 << 16];
  while (true) {
    const ssize_t got = read(file.get(), piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", path);
    if (got == 0) return bytes;
    bytes.append(piece, static_cast<size_t>(got));
    // Counted as it comes: a pipe or a growing file has no size to trust.
    if (static_cast<int64_t>(bytes.size()) > max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is larger than ", max_bytes, " bytes (it has ",
                       std::max<int64_t>(about.st_size, bytes.size()), ")"));
    }
  }
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes,
                       Durability durability) {
  const std::string aside = absl::StrCat(path, ".", RandomId(), ".part");
  absl::Status status = WriteNewFile(aside, bytes, durability);
  if (status.ok() && rename(aside.c_str(), path.c_str()) != 0) {
    status = SystemError("rename to", path);
  }
  if (!status.ok()) {
    unlink(aside.c_str());
    return status;
  }
  if (durability == Durability::kDurable) return SyncFolder(FolderOf(path));
  return absl::OkStatus();
}

absl::Status MakeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("create ", path));
  }
  return absl::OkStatus();
}

}  // namespace atelier
