#include "common/scratch_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

// Somebody else may take a new folder for an abandoned one before it is locked.
constexpr int kMaxTries = 100;

std::string TemporaryRoot() {
  const char* root = std::getenv("TMPDIR");
  return root != nullptr && *root != '\0' ? root : "/tmp";
}

// Locks the folder itself; -1 where someone else holds it, or it is gone.
int Lock(const std::string& path) {
  const int fd =
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fd;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 && access(path.c_str(), F_OK) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

bool IsOurs(const fs::path& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == geteuid();
}

void RemoveAbandoned(const std::string& root, absl::string_view prefix) {
  std::error_code ignored;  // What cannot be listed or removed stays.
  for (const fs::directory_entry& entry :
       fs::directory_iterator(root, ignored)) {
    if (!absl::StartsWith(entry.path().filename().string(), prefix) ||
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

absl::StatusOr<std::unique_ptr<ScratchFolder>> ScratchFolder::Make(
    absl::string_view prefix) {
  return MakeIn(TemporaryRoot(), prefix);
}

absl::StatusOr<std::unique_ptr<ScratchFolder>> ScratchFolder::MakeIn(
    const std::string& root, absl::string_view prefix) {
  RemoveAbandoned(root, prefix);
  for (int i = 0; i < kMaxTries; ++i) {
    std::string path = absl::StrCat(root, "/", prefix, "XXXXXX");
    if (mkdtemp(path.data()) == nullptr) break;
    const int fd = Lock(path);
    if (fd >= 0) {
      return std::unique_ptr<ScratchFolder>(new ScratchFolder(path, fd));
    }
  }
  return InvalidArgument("no folder can be made in ", Quoted(root), " (",
                         std::strerror(errno), ")");
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_fd_);
}

}  // namespace atelier
