#include "worker/agent/outbox.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/log/log.h"
#include "common/status_macros.h"
#include "worker/agent/attempt_book.h"

namespace atelier {
namespace {

constexpr char kSuffix[] = ".report";
// A report is a token, a message of at most 4 KiB and a few numbers.
constexpr int64_t kMaxReportBytes = 64 << 10;

std::string NameOf(const v1::AttemptToken& token) {
  return absl::StrCat(token.render_key(), "-", token.epoch(), "-",
                      token.number(), kSuffix);
}

}  // namespace

absl::StatusOr<Outbox> Outbox::Open(std::string folder) {
  RETURN_IF_ERROR(MakeFolders(folder));
  return Outbox(std::move(folder));
}

absl::Status Outbox::Put(const v1::AttemptReport& report) const {
  return WriteFile(PathOf(report.token()), report.SerializeAsString(),
                   Durability::kDurable);
}

absl::Status Outbox::Remove(const v1::AttemptToken& token) const {
  const std::string path = PathOf(token);
  if (std::remove(path.c_str()) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(errno, absl::StrCat("remove ", path));
}

absl::StatusOr<std::vector<v1::AttemptReport>> Outbox::Load() const {
  std::vector<v1::AttemptReport> reports;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder_, error), end;
       !error && file != end; file.increment(error)) {
    const std::string path = file->path().string();
    std::error_code gone;
    if (!absl::EndsWith(path, kSuffix) || !file->is_regular_file(gone)) {
      continue;
    }
    const auto bytes = ReadFile(path, kMaxReportBytes);
    if (!bytes.ok() && !absl::IsInvalidArgument(bytes.status())) {
      LogWarning("a report is not read: ", bytes.status().message());
      continue;
    }
    v1::AttemptReport report;
    if (bytes.ok() && report.ParseFromString(*bytes) &&
        IsToken(report.token()) &&
        file->path().filename() == NameOf(report.token())) {
      reports.push_back(std::move(report));
    } else {
      LogWarning(path, " is no report (any more): removed");
      std::remove(path.c_str());
    }
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("list ", folder_));
  }
  return reports;
}

std::string Outbox::PathOf(const v1::AttemptToken& token) const {
  return absl::StrCat(folder_, "/", NameOf(token));
}

}  // namespace atelier
