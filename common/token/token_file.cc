#include "common/token/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr mode_t kModeBits = 07777;

absl::Status Refuse(const std::string& path, absl::string_view what) {
  return InvalidArgument(
      path, ": ", what,
      "; allowed is a regular file of mode 0600 or 0400 with one line of "
      "[A-Za-z0-9_], at most ",
      kMaxTokenBytes, " bytes");
}

absl::Status CheckFile(const std::string& path, const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return Refuse(path, "not a regular file");
  const mode_t mode = file.st_mode & kModeBits;
  if (mode != 0600 && mode != 0400) {
    return Refuse(path, absl::StrFormat("its mode is %04o", mode));
  }
  if (file.st_size > kMaxTokenBytes) {
    return Refuse(path, absl::StrCat(file.st_size, " bytes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadOpened(const std::string& path, int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0) return Refuse(path, strerror(errno));
  RETURN_IF_ERROR(CheckFile(path, file));
  const absl::StatusOr<std::string> bytes =
      ReadDescriptor(fd, path, kMaxTokenBytes);
  // Whatever went wrong, its message is not known to be free of what was read.
  if (!bytes.ok()) return Refuse(path, "it cannot be read");
  const absl::string_view line = absl::StripSuffix(*bytes, "\n");
  if (line.empty()) return Refuse(path, "it is empty");
  if (absl::StrContains(line, '\n')) return Refuse(path, "more than one line");
  if (!IsToken(line)) return Refuse(path, "it has other characters");
  return std::string(line);
}

}  // namespace

bool IsToken(absl::string_view text) {
  return !text.empty() && text.size() <= static_cast<size_t>(kMaxTokenBytes) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '_';
         });
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  // A FIFO must not hold up the call that wants the token.
  const int fd =
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (fd < 0) return Refuse(path, strerror(errno));
  absl::StatusOr<std::string> token = ReadOpened(path, fd);
  close(fd);
  return token;
}

}  // namespace atelier
