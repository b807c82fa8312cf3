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
  return kept_.size_bytes();
}

void PictureCache::Clear() {
  absl::MutexLock lock(&mutex_);
  kept_.Clear();
}

std::shared_ptr<const Image> PictureCache::Find(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto* const picture = kept_.Find(key);
  return picture == nullptr ? nullptr : *picture;
}

void PictureCache::Keep(const std::string& key,
                        std::shared_ptr<const Image> picture) {
  const int64_t bytes = BytesOf(*picture);
  absl::MutexLock lock(&mutex_);
  // Another caller may have been faster; its picture is the same.
  if (bytes > max_bytes_ || kept_.Find(key) != nullptr) return;
  kept_.MakeRoom(bytes, max_bytes_);
  kept_.Add(key, std::move(picture), bytes);
}

}  // namespace atelier
