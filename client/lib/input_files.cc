#include "client/lib/input_files.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "common/file.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr size_t kMaxNameCharacters = 255;  // Of InputName in jobs.proto.

}  // namespace

bool CanBeReadAgain(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::file_status about =
      std::filesystem::status(path, unknown);
  return !std::filesystem::is_fifo(about) &&
         !std::filesystem::is_character_file(about) &&
         !std::filesystem::is_socket(about);
}

absl::StatusOr<InputBytes> InputFiles::Read(const std::string& path,
                                            int64_t max_bytes) {
  const auto known = once_.find(path);
  if (known != once_.end()) return InputBytes{known->second, false};
  const bool again = CanBeReadAgain(path);
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, max_bytes));
  if (!again && bytes.empty()) {
    return InvalidArgument(path,
                           " ended without a byte; a pipe can be read once");
  }
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  if (!again) once_[path] = shared;
  return InputBytes{std::move(shared), again};
}

std::string DisplayName(const std::string& path) {
  return ShortenedText(std::filesystem::path(path).filename().string(),
                       kMaxNameCharacters);
}

}  // namespace atelier
