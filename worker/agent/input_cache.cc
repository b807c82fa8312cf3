#include "worker/agent/input_cache.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {

namespace fs = std::filesystem;

absl::StatusOr<std::unique_ptr<InputCache>> InputCache::Open(
    const std::string& folder, int64_t max_bytes) {
  RETURN_IF_ERROR(MakeFolders(folder));
  auto cache = absl::WrapUnique(new InputCache(folder, max_bytes));
  absl::MutexLock lock(&cache->mutex_);
  cache->TakeUp();
  return cache;
}

InputCache::InputCache(std::string folder, int64_t max_bytes)
    : folder_(std::move(folder)), max_bytes_(max_bytes) {}

std::optional<std::string> InputCache::Get(const std::string& digest) {
  absl::MutexLock lock(&mutex_);
  auto bytes = ReadFile(PathOf(digest), max_bytes_);
  if (!bytes.ok() || HexDigest(*bytes) != digest) {
    Forget(digest);
    return std::nullopt;
  }
  files_.Add(digest, {}, static_cast<int64_t>(bytes->size()));
  // The file's time is how the next process knows the order.
  std::error_code ignored;
  fs::last_write_time(PathOf(digest), fs::file_time_type::clock::now(),
                      ignored);
  return *std::move(bytes);
}

absl::Status InputCache::Put(const std::string& digest,
                             absl::string_view bytes) {
  const int64_t size = static_cast<int64_t>(bytes.size());
  absl::MutexLock lock(&mutex_);
  if (size > max_bytes_) return absl::OkStatus();
  Forget(digest);
  MakeRoom(size);
  RETURN_IF_ERROR(WriteFile(PathOf(digest), bytes, Durability::kAtomic));
  files_.Add(digest, {}, size);
  return absl::OkStatus();
}

std::vector<std::string> InputCache::Newest(size_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> digests;
  for (auto file = files_.entries().rbegin();
       file != files_.entries().rend() && digests.size() < limit; ++file) {
    digests.push_back(file->key);
  }
  return digests;
}

int64_t InputCache::size_bytes() const {
  absl::MutexLock lock(&mutex_);
  return files_.size_bytes();
}

std::string InputCache::PathOf(const std::string& digest) const {
  return absl::StrCat(folder_, "/", digest);
}

void InputCache::TakeUp() {
  std::vector<std::tuple<fs::file_time_type, std::string, int64_t>> found;
  std::error_code error;
  for (fs::directory_iterator file(folder_, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename();
    std::error_code gone;  // Another worker may have just removed it.
    const auto size = file->file_size(gone);
    const auto used = file->last_write_time(gone);
    if (gone || !IsHexDigest(name)) continue;
    found.emplace_back(used, name, static_cast<int64_t>(size));
  }
  std::sort(found.begin(), found.end());
  for (const auto& [used, digest, size] : found) files_.Add(digest, {}, size);
  MakeRoom(0);
}

void InputCache::Forget(const std::string& digest) {
  std::remove(PathOf(digest).c_str());
  files_.Erase(digest);
}

void InputCache::MakeRoom(int64_t bytes) {
  while (!files_.entries().empty() &&
         files_.size_bytes() + bytes > max_bytes_) {
    // By value: Forget destroys the entry that holds the name.
    Forget(std::string(files_.entries().front().key));
  }
}

}  // namespace atelier
