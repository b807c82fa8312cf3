#include "common/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

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
  return ReadDescriptor(file.get(), path, max_bytes);
}

absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name,
                                           int64_t max_bytes) {
  struct stat about;
  if (fstat(fd, &about) != 0) return SystemError("stat", name);
  if (S_ISDIR(about.st_mode)) return InvalidArgument(name, " is a folder");
  std::string bytes;
  bytes.reserve(
      static_cast<size_t>(std::min<int64_t>(about.st_size, max_bytes)));
  char piece[1 << 16];
  while (true) {
    const ssize_t got = read(fd, piece, sizeof(piece));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      pollfd wait = {fd, POLLIN, 0};
      poll(&wait, 1, -1);
      continue;
    }
    if (got < 0) return SystemError("read", name);
    if (got == 0) return bytes;
    bytes.append(piece, static_cast<size_t>(got));
    // Counted as it comes: a pipe or a growing file has no size to trust.
    if (static_cast<int64_t>(bytes.size()) > max_bytes) {
      return InvalidArgument(
          name, " is larger than ", max_bytes, " bytes (it has ",
          std::max<int64_t>(about.st_size, bytes.size()), ")");
    }
  }
}

std::string PartName(const std::string& path) {
  // File systems take 255 bytes; this leaves room for the rest.
  constexpr size_t kMaxKept = 200;
  const std::string name = std::filesystem::path(path).filename();
  size_t kept = std::min(name.size(), kMaxKept);
  // Not within a character.
  while (kept > 0 && kept < name.size() && (name[kept] & 0xC0) == 0x80) --kept;
  return absl::StrCat(path.substr(0, path.size() - name.size()),
                      name.substr(0, kept), ".", RandomId(), ".part");
}

absl::StatusOr<std::string> FollowLinks(const std::string& path) {
  constexpr int kMostLinks = 40;  // As the kernel.
  std::filesystem::path at(path);
  for (int links = 0; links <= kMostLinks; ++links) {
    // A path that ends in a slash is what the link leads to.
    if (!at.has_filename() && at.has_relative_path()) at = at.parent_path();
    std::error_code error;
    if (!std::filesystem::is_symlink(at, error)) return at.string();
    const std::filesystem::path target =
        std::filesystem::read_symlink(at, error);
    if (error) {
      return absl::ErrnoToStatus(error.value(), absl::StrCat("follow ", path));
    }
    at = at.parent_path() / target;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, ": its symbolic links lead in a circle"));
}

absl::Status WriteOutput(const std::string& path, absl::string_view bytes) {
  std::error_code unknown;
  const std::filesystem::file_status about =
      std::filesystem::status(path, unknown);
  if (std::filesystem::is_fifo(about) ||
      std::filesystem::is_character_file(about) ||
      std::filesystem::is_block_file(about)) {
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.ok()) return SystemError("open", path);
    return WriteAll(file.get(), bytes, path);
  }
  ASSIGN_OR_RETURN(const std::string target, FollowLinks(path));
  return WriteFile(target, bytes, Durability::kAtomic);
}

absl::Status WriteFile(const std::string& path, absl::string_view bytes,
                       Durability durability) {
  const std::string aside = PartName(path);
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

bool IsInMemory(const std::string& folder) {
  struct statfs system {};
  return statfs(folder.c_str(), &system) == 0 &&
         (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

}  // namespace atelier
