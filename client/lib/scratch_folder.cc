#include "client/lib/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "atelier-local-";

std::string TemporaryRoot() {
  const char* root = std::getenv("TMPDIR");
  return root != nullptr && *root != '\0' ? root : "/tmp";
}

// Locks the folder itself; -1 where someone else holds it.
int Lock(const std::string& path) {
  const int fd =
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

bool IsOurs(const fs::path& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == geteuid();
}

void RemoveAbandoned(const std::string& root) {
  std::error_code ignored;  // What cannot be listed or removed stays.
  for (const fs::directory_entry& entry :
       fs::directory_iterator(root, ignored)) {
    if (!absl::StartsWith(entry.path().filename().string(), kPrefix) ||
        !IsOurs(entry.path())) {
      continue;
    }
    const int fd = Lock(entry.path().string());
    if (fd < 0) continue;
    fs::remove_all(entry.path(), ignored);
    close(fd);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ScratchFolder>> ScratchFolder::Make() {
  const std::string root = TemporaryRoot();
  RemoveAbandoned(root);
  std::string path = absl::StrCat(root, "/", kPrefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("TMPDIR: no folder can be made in ", Quoted(root), " (",
                     std::strerror(errno),
                     "); set TMPDIR to a folder that can be written ", "to"));
  }
  const int fd = Lock(path);
  if (fd < 0) return absl::ErrnoToStatus(errno, path);
  return std::unique_ptr<ScratchFolder>(new ScratchFolder(path, fd));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_fd_);
}

}  // namespace atelier
