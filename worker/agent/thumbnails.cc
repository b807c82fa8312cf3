#include "worker/agent/thumbnails.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// By the contract, from the largest: each is made of the one before.
constexpr int kSizesPx[] = {512, 256, 128};
constexpr int64_t kMostRemembered = 8192;

}  // namespace

absl::StatusOr<std::vector<Thumbnail>> MakeThumbnails(
    const Image& picture, absl::FunctionRef<bool(int longer_side_px)> wanted) {
  std::vector<Thumbnail> thumbnails;
  Image smaller;
  for (const int size_px : kSizesPx) {
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
  const std::string key = absl::StrCat(digest, " ", longer_side_px);
  absl::MutexLock lock(&mutex_);
  if (made_.Find(key) != nullptr) return false;
  made_.MakeRoom(1, kMostRemembered);
  made_.Add(key, true, 1);
  return true;
}

}  // namespace atelier
