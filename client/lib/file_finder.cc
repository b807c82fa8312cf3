#include "client/lib/file_finder.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/status/statusor.h"
#include "common/digest.h"
#include "common/file.h"

namespace atelier {
namespace {

// Of a folder that is looked through.
constexpr int kMaxFilesTried = 500;
constexpr int64_t kMaxBytesTried = int64_t{4} << 30;

std::vector<std::string> FilesOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code unknown;
  int64_t bytes = 0;
  for (std::filesystem::directory_iterator entry(folder, unknown), end;
       !unknown && entry != end; entry.increment(unknown)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    const auto size = static_cast<int64_t>(entry->file_size(ignored));
    if (ignored || size > kMaxBytesTried - bytes) continue;
    bytes += size;
    files.push_back(entry->path().string());
    if (static_cast<int>(files.size()) == kMaxFilesTried) break;
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void FileFinder::Add(const std::string& digest, const std::string& path) {
  read_.insert(path);
  by_digest_.emplace(digest, path);
}

void FileFinder::Read(const std::string& path) {
  if (!read_.insert(path).second) return;
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxBytesTried);
  if (bytes.ok()) by_digest_.emplace(HexDigest(*bytes), path);
}

FileFinder::Folder& FileFinder::FolderAt(const std::string& path) {
  const auto [found, is_new] = folders_.try_emplace(path);
  if (is_new) found->second.files = FilesOf(path);
  return found->second;
}

std::string FileFinder::FindKnown(const std::string& digest) const {
  const auto found = by_digest_.find(digest);
  return found == by_digest_.end() ? "" : found->second;
}

std::string FileFinder::Find(const std::string& digest, const std::string& name,
                             const std::string& folder) {
  const std::string at = folder.empty() ? "." : folder;
  if (!name.empty()) {
    std::error_code ignored;
    for (const std::filesystem::path& called :
         {std::filesystem::path(at) / name, std::filesystem::path(name)}) {
      if (!FindKnown(digest).empty()) break;
      if (std::filesystem::is_regular_file(called, ignored)) {
        Read(called.string());
      }
    }
  }
  Folder& around = FolderAt(at);
  while (FindKnown(digest).empty() && around.read < around.files.size()) {
    Read(around.files[around.read++]);
  }
  return FindKnown(digest);
}

}  // namespace atelier
