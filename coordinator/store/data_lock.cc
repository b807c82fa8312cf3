#include "coordinator/store/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

std::string HolderOf(int fd) {
  char text[32];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "";
  return std::string(absl::StripAsciiWhitespace(
      absl::string_view(text, static_cast<size_t>(size))));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataLock>> DataLock::Acquire(
    const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("can't make ", directory));
  }
  const std::string path = directory + "/lock";
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 && errno == EROFS) fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("can't open ", path));
  }
  std::unique_ptr<DataLock> lock(new DataLock(fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::ErrnoToStatus(errno, absl::StrCat("can't lock ", path));
    }
    return absl::FailedPreconditionError(
        absl::StrCat(directory, " is in use by another coordinator (pid ",
                     HolderOf(fd), "); stop it first, or give another --data"));
  }
  // For the message above only: the lock itself does not depend on it, and a
  // full disk need not take it.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (pwrite(fd, pid.data(), pid.size(), 0) > 0) {
    static_cast<void>(!ftruncate(fd, static_cast<off_t>(pid.size())));
  }
  return lock;
}

DataLock::~DataLock() { close(fd_); }

}  // namespace atelier
