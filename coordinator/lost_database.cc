#include "coordinator/lost_database.h"

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/digest.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

int64_t CountArtifacts(const std::string& folder) {
  int64_t count = 0;
  std::error_code error;
  fs::recursive_directory_iterator file(folder, error), end;
  for (; !error && file != end; file.increment(error)) {
    if (IsHexDigest(file->path().filename().string())) ++count;
  }
  return count;
}

absl::Status Lost(const std::string& data_folder, absl::string_view database,
                  absl::string_view how) {
  const int64_t artifacts = CountArtifacts(data_folder + "/artifacts");
  const int64_t checkpoints = CountArtifacts(data_folder + "/checkpoints");
  if (artifacts + checkpoints == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      database, " ", how, ", but there are ", artifacts, " artifacts and ",
      checkpoints, " checkpoints in ", data_folder,
      ": bring the database back from a backup, give the --store that had "
      "their jobs, or give --adopt to begin without them"));
}

}  // namespace

absl::Status CheckDatabaseIsThere(const std::string& data_folder) {
  const std::string path = data_folder + "/atelier.db";
  std::error_code error;
  const auto size_bytes = fs::file_size(path, error);
  if (!error && size_bytes > 0) return absl::OkStatus();
  return Lost(data_folder, path, error ? "is missing" : "is empty");
}

absl::Status CheckDatabaseWasUsed(const std::string& data_folder,
                                  const std::string& database) {
  return Lost(data_folder, database, "has never been used");
}

}  // namespace atelier
