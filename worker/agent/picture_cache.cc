#include "worker/agent/picture_cache.h"

#include <utility>

#include "common/status_macros.h"

namespace atelier {
namespace {

int64_t BytesOf(const Image& picture) {
  return static_cast<int64_t>(picture.rgb.size() * sizeof(float));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Image>> PictureCache::GetOrMake(
    const std::string& key, absl::FunctionRef<absl::StatusOr<Image>()> make) {
  if (std::shared_ptr<const Image> kept = Find(key)) return kept;
  ASSIGN_OR_RETURN(Image made, make());
  auto picture = std::make_shared<const Image>(std::move(made));
  Keep(key, picture);
  return picture;
}

int64_t PictureCache::size_bytes() const {
  absl::MutexLock lock(&mutex_);
  return size_bytes_;
}

void PictureCache::Clear() {
  absl::MutexLock lock(&mutex_);
  by_key_.clear();
  entries_.clear();
  size_bytes_ = 0;
}

std::shared_ptr<const Image> PictureCache::Find(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.end(), entries_, found->second);
  return found->second->picture;
}

void PictureCache::Keep(const std::string& key,
                        std::shared_ptr<const Image> picture) {
  const int64_t bytes = BytesOf(*picture);
  absl::MutexLock lock(&mutex_);
  // Another caller may have been faster; its picture is the same.
  if (bytes > max_bytes_ || by_key_.count(key) > 0) return;
  while (size_bytes_ + bytes > max_bytes_) {
    size_bytes_ -= BytesOf(*entries_.front().picture);
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
  }
  by_key_[key] = entries_.insert(entries_.end(), {key, std::move(picture)});
  size_bytes_ += bytes;
}

}  // namespace atelier
