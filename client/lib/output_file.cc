#include "client/lib/output_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {

OutputFile::~OutputFile() {
  if (part_.empty()) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

absl::Status OutputFile::Failure() const {
  return absl::ErrnoToStatus(errno == 0 ? EIO : errno, path_);
}

absl::Status OutputFile::Open() {
  ASSIGN_OR_RETURN(target_, FollowLinks(path_));
  part_ = PartName(target_);
  errno = 0;
  stream_.open(part_, std::ios::binary | std::ios::trunc);
  return stream_.is_open() ? absl::OkStatus() : Failure();
}

absl::Status OutputFile::Write(absl::string_view text) {
  if (part_.empty()) RETURN_IF_ERROR(Open());
  errno = 0;
  stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  return stream_.good() ? absl::OkStatus() : Failure();
}

absl::Status OutputFile::Finish() {
  if (part_.empty()) RETURN_IF_ERROR(Open());
  errno = 0;
  stream_.close();
  if (!stream_.good()) return Failure();
  if (std::rename(part_.c_str(), target_.c_str()) != 0) return Failure();
  part_.clear();
  return absl::OkStatus();
}

}  // namespace atelier
