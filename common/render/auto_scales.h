// How many scales a render gains by.
#ifndef ATELIER_COMMON_RENDER_AUTO_SCALES_H_
#define ATELIER_COMMON_RENDER_AUTO_SCALES_H_

#include "absl/status/statusor.h"
#include "common/render/network.h"
#include "common/render/resolve.h"

namespace atelier {

/// What kAutoScales stands for: as many halvings as leave the longer side at
/// least kCoarsestFromNoisePx or kCoarsestFromPicturePx, for up to
/// kMostFromNoise or kMostFromPicture scales. From a picture coarser ones lower
/// the loss as much, but fine parts of the content are lost. Never more than
/// there are iterations, nor so many that a picture at its smallest no longer
/// reaches the layers. 1 where `sizes` lacks a picture of the render. Measured:
/// docs/adr/0046. Errors: as SmallestSide.
absl::StatusOr<int> AutoScales(const Render& render,
                               const NetworkDescription& network,
                               const PictureSizes& sizes);

inline constexpr int kCoarsestFromNoisePx = 64;
inline constexpr int kMostFromNoise = 3;
inline constexpr int kCoarsestFromPicturePx = 128;
inline constexpr int kMostFromPicture = 2;

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_AUTO_SCALES_H_
