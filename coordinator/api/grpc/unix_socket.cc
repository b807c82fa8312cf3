#include "coordinator/api/grpc/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

// Nobody listens any more. One that is busy, or not ours, is not free.
bool IsLeftOver(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const bool refused = connect(fd, reinterpret_cast<const sockaddr*>(&address),
                               sizeof(address)) != 0 &&
                       (errno == ECONNREFUSED || errno == ENOENT);
  close(fd);
  return refused;
}

}  // namespace

absl::Status CheckUnixSocketIsFree(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) != 0) return absl::OkStatus();
  if (!S_ISSOCK(found.st_mode)) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", path, ": a file is there"));
  }
  if (IsLeftOver(path)) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", path, ": another coordinator answers there"));
}

}  // namespace atelier
