#include "worker/agent/outbox.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kSuffix[] = ".report";
// A report is a token, a message of at most 4 KiB and a few numbers.
constexpr int64_t kMaxReportBytes = 64 << 10;

bool ParseReport(const std::string& path, v1::AttemptReport* report) {
  const auto bytes = ReadFile(path, kMaxReportBytes);
  return bytes.ok() && report->ParseFromString(*bytes) &&
         IsHexDigest(report->token().render_key());
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
    if (!absl::EndsWith(path, kSuffix)) continue;
    v1::AttemptReport report;
    if (ParseReport(path, &report)) {
      reports.push_back(std::move(report));
    } else {
      std::remove(path.c_str());
    }
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("list ", folder_));
  }
  return reports;
}

std::string Outbox::PathOf(const v1::AttemptToken& token) const {
  return absl::StrCat(folder_, "/", token.render_key(), "-", token.epoch(), "-",
                      token.number(), kSuffix);
}

}  // namespace atelier
