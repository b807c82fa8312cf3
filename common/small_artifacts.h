// Bounds of what a worker brings beside its results, which both sides of the
// wire keep (artifacts.proto, workers.proto).
#ifndef ATELIER_COMMON_SMALL_ARTIFACTS_H_
#define ATELIER_COMMON_SMALL_ARTIFACTS_H_

#include <cstdint>

namespace atelier {

/// What the longer side of a thumbnail may be at most, rising.
inline constexpr int kThumbnailSizesPx[] = {128, 256, 512};

/// Of one render.
inline constexpr int kMostPreviews = 16;

/// Of one attempt.
inline constexpr int64_t kMostLogBytes = int64_t{64} << 10;

}  // namespace atelier

#endif  // ATELIER_COMMON_SMALL_ARTIFACTS_H_
