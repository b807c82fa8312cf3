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
  Use(digest, static_cast<int64_t>(bytes->size()));
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
  Use(digest, size);
  return absl::OkStatus();
}

std::vector<std::string> InputCache::Newest(size_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> digests;
  for (auto entry = entries_.rbegin();
       entry != entries_.rend() && digests.size() < limit; ++entry) {
    digests.push_back(entry->digest);
  }
  return digests;
}

int64_t InputCache::size_bytes() const {
  absl::MutexLock lock(&mutex_);
  return size_bytes_;
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
  for (const auto& [used, digest, size] : found) Use(digest, size);
  MakeRoom(0);
}

void InputCache::Use(const std::string& digest, int64_t size) {
  const auto found = by_digest_.find(digest);
  if (found != by_digest_.end()) {
    entries_.splice(entries_.end(), entries_, found->second);
    return;
  }
  by_digest_[digest] = entries_.insert(entries_.end(), {digest, size});
  size_bytes_ += size;
}

void InputCache::Forget(const std::string& digest) {
  std::remove(PathOf(digest).c_str());
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return;
  size_bytes_ -= found->second->size_bytes;
  entries_.erase(found->second);
  by_digest_.erase(found);
}

void InputCache::MakeRoom(int64_t bytes) {
  while (!entries_.empty() && size_bytes_ + bytes > max_bytes_) {
    // By value: Forget destroys the entry that holds the name.
    const std::string oldest = entries_.front().digest;
    Forget(oldest);
  }
}

}  // namespace atelier
