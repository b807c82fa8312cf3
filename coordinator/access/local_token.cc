#include "coordinator/access/local_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/random_id.h"
#include "common/status_macros.h"
#include "common/token/token_file.h"
#include "common/token/token_text.h"

namespace atelier {
namespace {

// Nothing: there is no file.
absl::StatusOr<std::optional<std::string>> ReadToken(const std::string& path) {
  absl::StatusOr<std::string> token = ReadTokenFile(path);
  if (absl::IsNotFound(token.status())) return std::nullopt;
  RETURN_IF_ERROR(token.status());
  return *std::move(token);
}

absl::Status WriteAll(int fd, absl::string_view text, const std::string& path) {
  const ssize_t written = write(fd, text.data(), text.size());
  if (written < 0) return absl::ErrnoToStatus(errno, path);
  if (written != static_cast<ssize_t>(text.size())) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": could not be written whole"));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : absl::ErrnoToStatus(errno, path);
}

// Of several that do this at once, one wins. False: another has.
absl::StatusOr<bool> WriteToken(const std::string& path,
                                absl::string_view token) {
  const std::filesystem::path folder =
      std::filesystem::path(path).parent_path();
  if (!folder.empty()) RETURN_IF_ERROR(MakeFolders(folder.string()));
  const std::string beside = absl::StrCat(path, ".", RandomId());
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                      S_IRUSR | S_IWUSR);
  if (fd < 0) return absl::ErrnoToStatus(errno, beside);
  absl::Status status = WriteAll(fd, absl::StrCat(token, "\n"), beside);
  close(fd);
  bool is_ours = status.ok();
  if (is_ours && link(beside.c_str(), path.c_str()) != 0) {
    is_ours = false;
    if (errno != EEXIST) status = absl::ErrnoToStatus(errno, path);
  }
  unlink(beside.c_str());
  RETURN_IF_ERROR(status);
  return is_ours;
}

}  // namespace

absl::StatusOr<TokenRecord> AdoptLocalToken(TokenRegistry& tokens,
                                            const std::string& path,
                                            const std::string& user) {
  ASSIGN_OR_RETURN(std::optional<std::string> token, ReadToken(path));
  if (!token.has_value()) {
    token = MakeToken('a');
    ASSIGN_OR_RETURN(const bool is_ours, WriteToken(path, *token));
    if (!is_ours) {
      ASSIGN_OR_RETURN(token, ReadToken(path));
    }
  }
  if (!token.has_value()) {
    return absl::UnavailableError(
        absl::StrCat(path, ": was removed while it was read"));
  }
  absl::StatusOr<TokenRecord> adopted = tokens.Adopt(*token, user);
  if (!adopted.ok()) return Annotate(adopted.status(), path);
  return adopted;
}

}  // namespace atelier
