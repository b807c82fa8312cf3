#include "worker/agent/thumbnails.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/size.h"
#include "common/small_artifacts.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMostRemembered = 8192;
// The coordinator may have dropped it since.
constexpr absl::Duration kMadeFor = absl::Hours(1);

std::string KeyOf(const std::string& digest, int longer_side_px) {
  return absl::StrCat(digest, " ", longer_side_px);
}

}  // namespace

absl::StatusOr<std::vector<Thumbnail>> MakeThumbnails(
    const Image& picture, absl::FunctionRef<bool(int longer_side_px)> wanted) {
  std::vector<Thumbnail> thumbnails;
  Image smaller;
  // From the largest: each is made of the one before.
  for (auto size = std::rbegin(kThumbnailSizesPx);
       size != std::rend(kThumbnailSizesPx); ++size) {
    const int size_px = *size;
    const Image& from = smaller.rgb.empty() ? picture : smaller;
    if (std::max(from.width_px, from.height_px) <= size_px) continue;
    if (!wanted(size_px)) continue;
    const auto [width_px, height_px] =
        FitSize(picture.width_px, picture.height_px, size_px);
    ASSIGN_OR_RETURN(Image resized, Resize(from, width_px, height_px));
    smaller = std::move(resized);
    ASSIGN_OR_RETURN(std::string jpeg, EncodeForLooks(smaller));
    thumbnails.push_back({size_px, std::move(jpeg)});
  }
  return thumbnails;
}

bool MadeThumbnails::Claim(const std::string& digest, int longer_side_px) {
  const std::string key = KeyOf(digest, longer_side_px);
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  const absl::Time* const made_at = made_.Find(key);
  if (made_at != nullptr && now - *made_at < kMadeFor) return false;
  made_.Erase(key);
  made_.MakeRoom(1, kMostRemembered);
  made_.Add(key, now, 1);
  return true;
}

void MadeThumbnails::Forget(const std::string& digest, int longer_side_px) {
  absl::MutexLock lock(&mutex_);
  made_.Erase(KeyOf(digest, longer_side_px));
}

}  // namespace atelier
